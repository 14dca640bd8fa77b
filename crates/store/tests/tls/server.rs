//! A PostgreSQL server of a test's own that speaks TLS.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use mailroom_test_support::postgres_bin;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::certificates::{Authority, Identity};

/// What nobody may see.
pub(crate) const PASSWORD: &str = "hush-hush";

/// A server; dropping it stops it.
pub(crate) struct Server {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// Starts one on a free port of the loopback. `None` where the tests run on somebody else's server, or where
    /// PostgreSQL was built without TLS.
    pub(crate) fn start(identity: &Identity) -> Option<Self> {
        let Some(bin) = postgres_bin() else {
            eprintln!("skipped: PostgreSQL's own programs are not known here");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let home = folder.path().join("server");
        fs::create_dir(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        let account = account(folder.path());
        for (name, text) in [
            ("password", PASSWORD),
            ("server.crt", &identity.certificate),
            ("server.key", &identity.key),
        ] {
            let file = home.join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            own(&file, account);
        }
        own(&home, account);
        let data = home.join("data");
        let made = command(&bin, "initdb", account)
            .args([
                "--username=postgres",
                "--auth=password",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .arg("--pwfile")
            .arg(home.join("password"))
            .arg("--pgdata")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let port = free_port();
        let log = folder.path().join("log");
        let child = command(&bin, "postgres", account)
            .arg("-D")
            .arg(&data)
            .args([
                "-c",
                "listen_addresses=localhost",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
            ])
            .args(["-c", &format!("port={port}"), "-c", "ssl=on"])
            .args([
                "-c",
                &format!("ssl_cert_file={}", home.join("server.crt").display()),
            ])
            .args([
                "-c",
                &format!("ssl_key_file={}", home.join("server.key").display()),
            ])
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self { child, port, folder };
        for _ in 0..600 {
            if TcpStream::connect(("localhost", port)).is_ok() {
                return Some(server);
            }
            if server.child.try_wait().unwrap().is_some() {
                let said = fs::read_to_string(&log).unwrap();
                assert!(said.contains("SSL is not supported by this build"), "{said}");
                eprintln!("skipped: this PostgreSQL was built without TLS");
                return None;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("postgres does not listen: {}", fs::read_to_string(&log).unwrap());
    }

    /// A URL that has the server at `host` prove itself by this authority.
    pub(crate) fn url(&self, host: &str, authority: &Authority) -> String {
        let file = self.folder.path().join(format!("{}.pem", authority.name));
        fs::write(&file, &authority.pem).unwrap();
        self.url_with(
            host,
            &format!("sslmode=verify-full&sslrootcert={}", file.display()),
        )
    }

    /// A URL with these parameters.
    pub(crate) fn url_with(&self, host: &str, parameters: &str) -> String {
        format!(
            "postgres://postgres:{PASSWORD}@{host}:{}/postgres?{parameters}",
            self.port
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // At once, and with all of its processes.
            let _ = kill_process(pid, Signal::QUIT);
        }
        drop(self.child.wait());
    }
}

fn command(bin: &Path, program: &str, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(bin.join(program));
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("PATH", bin)
        // A relocated build must load its own libraries.
        .env("LD_LIBRARY_PATH", bin.join("../lib"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .process_group(0);
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// PostgreSQL refuses to run as root, so root lends it another account.
fn account(folder: &Path) -> Option<(u32, u32)> {
    if folder.metadata().unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    ["postgres", "nobody"].into_iter().find_map(|wanted| {
        users.lines().find_map(|user| {
            let mut fields = user.split(':').skip_while(|field| *field != wanted);
            Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
    })
}

fn own(path: &PathBuf, account: Option<(u32, u32)>) {
    if let Some((user, group)) = account {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

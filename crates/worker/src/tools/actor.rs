//! Who calls a tool: the name by which the operating system knows the user of this process.

use std::os::unix::fs::MetadataExt;

/// The user's name, or the number where there is no name, or `unknown`.
pub(crate) fn of_process() -> String {
    // Where there is no /proc, the environment is all there is to ask without unsafe code.
    let number = std::fs::metadata("/proc/self").ok().map(|it| it.uid());
    let known = || name_of(number?, &std::fs::read_to_string("/etc/passwd").ok()?);
    let told = || {
        ["USER", "LOGNAME"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok())
    };
    known()
        .or_else(told)
        .filter(|name| !name.is_empty() && name.len() <= super::act::LONGEST_ACTOR)
        .or_else(|| Some(format!("uid {}", number?)))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn name_of(number: u32, passwd: &str) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\nanna:x:1000:100::/home/anna:/bin/sh\n";
        assert_eq!(name_of(1000, passwd).as_deref(), Some("anna"));
        assert_eq!(name_of(100, passwd), None);
    }
}

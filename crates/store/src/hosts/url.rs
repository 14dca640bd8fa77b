//! URLs that name several servers, of which one writes: `postgres://user@one:5432,two:5432/database`, as libpq reads them
//! (PostgreSQL manual, 34.1.1.3).

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// How to connect to each server that a URL names, in its order; `None` when it cannot be read.
pub(crate) fn servers(url: &str) -> Option<Vec<PgConnectOptions>> {
    each(url)
        .iter()
        .map(|url| PgConnectOptions::from_str(url).ok())
        .collect()
}

/// The URL of each server that a URL names.
fn each(url: &str) -> Vec<String> {
    let url = without_session_attributes(url);
    let Some(begin) = url.find("://").map(|at| at + 3) else {
        return vec![url];
    };
    let end = url[begin..].find(['/', '?']).map_or(url.len(), |at| begin + at);
    let hosts = url[begin..end].rfind('@').map_or(begin, |at| begin + at + 1);
    let one = |host| format!("{}{host}{}", &url[..hosts], &url[end..]);
    url[hosts..end].split(',').map(one).collect()
}

/// What pools are for, they know: libpq's word for it is not needed, and unknown to sqlx.
fn without_session_attributes(url: &str) -> String {
    let Some((base, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|parameter| !parameter.starts_with("target_session_attrs="))
        .collect();
    match kept.join("&") {
        kept if kept.is_empty() => base.to_owned(),
        kept => format!("{base}?{kept}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_may_name_several_servers() {
        assert_eq!(
            each("postgres://a:p%40,w@one:1,two,[::1]:3/mail?sslmode=require"),
            [
                "postgres://a:p%40,w@one:1/mail?sslmode=require",
                "postgres://a:p%40,w@two/mail?sslmode=require",
                "postgres://a:p%40,w@[::1]:3/mail?sslmode=require",
            ]
        );
        assert_eq!(each("postgres://one,two"), ["postgres://one", "postgres://two"]);
        for one in ["postgres://one/mail", "postgres:///mail?host=/run,x", "nonsense"] {
            assert_eq!(each(one), [one]);
        }
    }

    #[test]
    fn what_libpq_wants_to_be_told_is_known() {
        let one = |query: &str| each(&format!("postgres://one/mail?{query}")).remove(0);
        assert_eq!(one("target_session_attrs=read-write"), "postgres://one/mail");
        assert_eq!(
            one("a=b&target_session_attrs=any&c=d"),
            "postgres://one/mail?a=b&c=d"
        );
    }

    #[test]
    fn a_server_that_cannot_be_read_makes_all_of_it_unreadable() {
        assert!(servers("postgres://one:1,two:x/mail").is_none());
        assert_eq!(
            servers("postgres://one:1,two:2/mail").map(|all| all.len()),
            Some(2)
        );
    }
}

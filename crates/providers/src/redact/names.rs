//! Names whose values are secrets, however they are written.

use std::collections::HashSet;

/// The usual ones, folded.
const USUAL: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "clientsecret",
    "sharedsecret",
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "bearertoken",
    "sessiontoken",
    "csrftoken",
    "apikey",
    "xapikey",
    "apisecret",
    "secretkey",
    "accesskey",
    "privatekey",
    "signingkey",
    "authorization",
    "proxyauthorization",
    "auth",
    "bearer",
    "cookie",
    "setcookie",
    "session",
    "sessionid",
    "sid",
    "jwt",
    "card",
    "cardnumber",
    "cardno",
    "creditcard",
    "creditcardnumber",
    "ccnumber",
    "pan",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "securitycode",
    "cardsecuritycode",
    "iban",
    "accountnumber",
    "bankaccount",
    "routingnumber",
    "sortcode",
    "ssn",
    "socialsecuritynumber",
    "pin",
    "otp",
    "onetimecode",
    "totp",
    "mfacode",
    "responseurl",
    "xamzsignature",
    "xamzcredential",
    "xgoogsignature",
];

/// Words that make a name one of a secret, whatever else is in it: `newPassword`, `webhook_secret`, `bot-token`.
const TELLING: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "credential",
    "credentials",
    "authorization",
    "apikey",
    "cvv",
    "cvc",
    "iban",
];
/// The same of two words.
const TELLING_PAIRS: &[&str] = &["apikey", "accesskey", "privatekey", "secretkey", "signingkey"];
/// No name that is looked for is longer.
const LONGEST: usize = 64;

/// Which names are secret.
#[derive(Debug, Clone)]
pub(super) struct Names {
    usual: HashSet<&'static str>,
    named: HashSet<String>,
    kept: HashSet<String>,
}

impl Names {
    pub(super) fn new(named: &[String], keep: &[String]) -> Self {
        Self {
            usual: USUAL.iter().copied().collect(),
            named: named.iter().map(|name| fold(name)).collect(),
            kept: keep.iter().map(|name| fold(name)).collect(),
        }
    }

    /// Whether the value of this name is a secret. What an operator names is, whatever rests on it.
    pub(super) fn is_sensitive(&self, name: &str, load_bearing: &[&str]) -> bool {
        self.is_secret(name, load_bearing, |folded| self.usual.contains(folded))
    }

    /// Whether it tells so by itself, also to somebody who does not know what it is the name of.
    pub(super) fn is_telling(&self, name: &str, load_bearing: &[&str]) -> bool {
        self.is_secret(name, load_bearing, |_| false)
    }

    fn is_secret(&self, name: &str, load_bearing: &[&str], is_usual: impl Fn(&str) -> bool) -> bool {
        if name.is_empty() {
            return false;
        }
        let folded = fold(name);
        if self.named.contains(&folded) {
            return true;
        }
        let may_be = name.len() <= LONGEST && !load_bearing.contains(&name) && !self.kept.contains(&folded);
        may_be && (is_usual(&folded) || tells(name, &folded))
    }

    /// Whether an operator named it.
    pub(super) fn is_named(&self, name: &str) -> bool {
        !self.named.is_empty() && self.named.contains(&fold(name))
    }
}

fn tells(name: &str, folded: &str) -> bool {
    words(name).any(|word| TELLING.iter().any(|telling| word.eq_ignore_ascii_case(telling)))
        || TELLING_PAIRS.iter().any(|pair| folded.contains(pair))
}

/// The words of a name, however they are joined.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).flat_map(|joined| {
        let mut rest = joined;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let mut pairs = rest.char_indices().zip(rest.chars().skip(1));
            let end = pairs.find_map(|((at, one), next)| {
                (one.is_lowercase() && next.is_uppercase()).then(|| at + one.len_utf8())
            });
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            rest = behind;
            Some(word)
        })
    })
}

/// Without case, `-`, `_`, spaces and what else stands between words.
pub(super) fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

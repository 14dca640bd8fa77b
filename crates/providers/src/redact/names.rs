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
];

/// Which names are secret.
#[derive(Debug, Clone)]
pub(super) struct Names {
    usual: HashSet<String>,
    named: HashSet<String>,
}

impl Names {
    pub(super) fn new(named: &[String], keep: &[String]) -> Self {
        let keep: HashSet<String> = keep.iter().map(|name| fold(name)).collect();
        let usual = USUAL.iter().filter(|name| !keep.contains(**name));
        Self {
            usual: usual.map(|name| (*name).to_owned()).collect(),
            named: named.iter().map(|name| fold(name)).collect(),
        }
    }

    /// Whether the value of this name is a secret. What an operator names is, whatever rests on it.
    pub(super) fn is_sensitive(&self, name: &str, load_bearing: &[&str]) -> bool {
        // No name that is looked for is longer.
        if name.len() > 64 {
            return self.named.contains(&fold(name));
        }
        let folded = fold(name);
        self.named.contains(&folded) || (self.usual.contains(&folded) && !load_bearing.contains(&name))
    }

    /// Whether an operator named it.
    pub(super) fn is_named(&self, name: &str) -> bool {
        !self.named.is_empty() && self.named.contains(&fold(name))
    }
}

/// Without case, `-`, `_`, spaces and what else stands between words.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

//! Amazon's places: which URLs are Amazon SNS's own, and of which region. What is fetched is chosen here, so nothing
//! is taken that is not exactly of the expected form.

/// A URL at Amazon SNS: `https`, the host of one region, no user, the usual port, no fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    host: &'a str,
    region: &'a str,
    /// Path and query.
    rest: &'a str,
}

impl<'a> Place<'a> {
    /// Reads a URL. `None` when it leads anywhere else.
    pub(super) fn parse(url: &'a str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_graphic() && !"\\#@".contains(c);
        if url.len() > 4096 || !url.chars().all(plain) {
            return None;
        }
        let url = url.strip_prefix("https://")?;
        let (authority, rest) = url.find(['/', '?']).map_or((url, ""), |at| url.split_at(at));
        let host = authority.strip_suffix(":443").unwrap_or(authority);
        let region = region_of_host(host)?;
        Some(Self { host, region, rest })
    }

    /// The region.
    pub(super) const fn region(&self) -> &'a str {
        self.region
    }

    /// The URL of a signing certificate, if this is one.
    pub(super) fn certificate(&self) -> Option<String> {
        let id = self
            .rest
            .strip_prefix("/SimpleNotificationService-")?
            .strip_suffix(".pem")?;
        let is_id = (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then(|| format!("https://{}{}", self.host, self.rest))
    }

    /// The URL that confirms a subscription to this topic, if this is one.
    pub(super) fn confirmation(&self, topic: &str) -> Option<String> {
        let query = self
            .rest
            .strip_prefix('/')
            .unwrap_or(self.rest)
            .strip_prefix('?')?;
        let only = |name: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(given, _)| given == name);
            let (_, value) = values.next()?;
            values.next().is_none().then_some(value)
        };
        let is_meant = only("Action")? == "ConfirmSubscription"
            && only("TopicArn")? == topic
            && !only("Token")?.is_empty()
            && region_of_topic(topic) == Some(self.region);
        is_meant.then(|| format!("https://{}/?{query}", self.host))
    }

    /// The names for which a certificate of this region may be made out. Beside the general one these are those that
    /// Amazon's own SDKs expect: newer regions, China and the US government have names of their own.
    pub(super) fn names(&self) -> Vec<String> {
        let suffix = &self.host[self.host.find(".amazonaws").unwrap_or_default()..];
        let region = self.region;
        let mut names = vec![
            self.host.to_owned(),
            format!("sns-signing.{region}{suffix}"),
            format!("sns-{region}{suffix}"),
        ];
        if !region.starts_with("cn-") {
            names.push("sns.amazonaws.com".to_owned());
        }
        if region.starts_with("us-gov-") {
            names.push("sns-us-gov-west-1.amazonaws.com".to_owned());
        }
        names
    }
}

/// `sns.{region}.amazonaws.com`, in China with `.cn` after it.
fn region_of_host(host: &str) -> Option<&str> {
    let rest = host.strip_prefix("sns.")?;
    let (region, is_chinese) = match rest.strip_suffix(".amazonaws.com.cn") {
        Some(region) => (region, true),
        None => (rest.strip_suffix(".amazonaws.com")?, false),
    };
    let fits = is_region(region) && region.starts_with("cn-") == is_chinese;
    fits.then_some(region)
}

/// The region of a topic's ARN, `arn:{partition}:sns:{region}:{account}:{name}`, if its partition is that region's.
pub(super) fn region_of_topic(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let &["arn", partition, "sns", region, _account, _name] = &parts[..] else {
        return None;
    };
    let expected = match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    (is_region(region) && partition == expected).then_some(region)
}

fn is_region(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=40).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:front-desk";
    const PEM: &str = "/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem";

    fn certificate(url: &str) -> Option<String> {
        Place::parse(url)?.certificate()
    }

    #[test]
    fn certificates_stand_at_sns_and_nowhere_else() {
        for host in ["sns.eu-west-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn"] {
            let url = format!("https://{host}{PEM}");
            assert_eq!(certificate(&url).as_deref(), Some(&*url));
            assert_eq!(certificate(&format!("https://{host}:443{PEM}")), Some(url));
        }
        for origin in [
            "http://sns.eu-west-1.amazonaws.com",
            "HTTPS://sns.eu-west-1.amazonaws.com",
            "https://sns.eu-west-1.amazonaws.com:8443",
            "https://sns.eu-west-1.amazonaws.com:443:443",
            "https://sns.eu-west-1.amazonaws.com.",
            "https://SNS.eu-west-1.amazonaws.com",
            "https://sns.eu-west-1.amazonaws.com.cn",
            "https://sns.cn-north-1.amazonaws.com",
            "https://sns.eu-west-1.amazonaws.com.example.com",
            "https://sns.eu-west-1.amazonaws.com@example.com",
            "https://user@sns.eu-west-1.amazonaws.com",
            "https://example.com#sns.eu-west-1.amazonaws.com",
            "https://example.com\\.sns.eu-west-1.amazonaws.com",
            "https://sns.x.y.amazonaws.com",
            "https://sns..amazonaws.com",
            "https://sns.eu.amazonaws.com",
            "https://sns.amazonaws.com",
            "https://s3.eu-west-1.amazonaws.com",
            "https://sns.eu_west_1.amazonaws.com",
            "https://169.254.169.254",
            " https://sns.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(certificate(&format!("{origin}{PEM}")), None, "{origin}");
        }
        for path in [
            "",
            "/",
            "/cert.pem",
            "/SimpleNotificationService-.pem",
            "/SimpleNotificationService-ab/../cd.pem",
            "/SimpleNotificationService-ab%2e.pem",
            "/SimpleNotificationService-ab.pem?x=.pem",
            "/SimpleNotificationService-ab.pem#.pem",
            "//SimpleNotificationService-ab.pem",
        ] {
            let url = format!("https://sns.eu-west-1.amazonaws.com{path}");
            assert_eq!(certificate(&url), None, "{path}");
        }
    }

    #[test]
    fn only_links_that_confirm_this_topic_are_followed() {
        let confirm = |url: &str| Place::parse(url)?.confirmation(TOPIC);
        let good = format!(
            "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f"
        );
        assert_eq!(confirm(&good).as_deref(), Some(&*good));
        let escaped = good.replace(TOPIC, &TOPIC.replace(':', "%3A"));
        assert_eq!(confirm(&escaped), Some(escaped.clone()));
        for (from, to) in [
            ("ConfirmSubscription", "Unsubscribe"),
            ("front-desk", "back-door"),
            ("&Token=2336412f", ""),
            ("2336412f", ""),
            ("2336412f", "2336412f&Action=DeleteTopic"),
            (".com/?", ".com/other?"),
            ("sns.eu-west-1", "sns.eu-west-2"),
            ("sns.eu-west-1.amazonaws.com", "example.com"),
            ("https", "http"),
        ] {
            assert_eq!(confirm(&good.replace(from, to)), None, "{to}");
        }
    }

    #[test]
    fn a_topic_has_the_region_its_partition_has() {
        assert_eq!(region_of_topic(TOPIC), Some("eu-west-1"));
        for (arn, region) in [
            ("arn:aws-cn:sns:cn-north-1:123456789012:t", Some("cn-north-1")),
            (
                "arn:aws-us-gov:sns:us-gov-east-1:123456789012:t",
                Some("us-gov-east-1"),
            ),
            ("arn:aws:sns:cn-north-1:123456789012:t", None),
            ("arn:aws-cn:sns:eu-west-1:123456789012:t", None),
            ("arn:aws:sqs:eu-west-1:123456789012:t", None),
            ("arn:aws:sns:eu-west-1", None),
            ("", None),
        ] {
            assert_eq!(region_of_topic(arn), region, "{arn}");
        }
    }

    #[test]
    fn a_certificate_may_have_the_names_its_region_has() {
        let names = |url| Place::parse(url).map(|place| place.names()).unwrap_or_default();
        assert!(
            names("https://sns.us-gov-east-1.amazonaws.com/")
                .contains(&"sns-us-gov-west-1.amazonaws.com".into())
        );
        assert!(
            names("https://sns.af-south-1.amazonaws.com/")
                .contains(&"sns-signing.af-south-1.amazonaws.com".into())
        );
        let chinese = names("https://sns.cn-north-1.amazonaws.com.cn/");
        assert!(chinese.contains(&"sns-cn-north-1.amazonaws.com.cn".into()));
        assert!(!chinese.contains(&"sns.amazonaws.com".into()));
    }
}

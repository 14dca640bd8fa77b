//! Tests of what is fetched, how often, and what is kept.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Gives every URL whose name begins with `good` after a moment, and counts.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Source for Counting {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, NotFetched> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        if url.starts_with("good") {
            Ok(url.as_bytes().to_vec())
        } else {
            Err(NotFetched::Status(403))
        }
    }
}

impl Certificates<Counting> {
    fn fetches(&self) -> usize {
        self.source.0.load(Ordering::SeqCst)
    }

    async fn is_had(&self, url: &str, now: Instant) -> bool {
        match self.get(url, now).await {
            Ok(bytes) => {
                assert_eq!(&*bytes, url.as_bytes());
                true
            }
            Err(_) => false,
        }
    }
}

fn certificates() -> (Certificates<Counting>, Instant) {
    (Certificates::new(Counting::default()), Instant::now())
}

#[tokio::test]
async fn a_certificate_is_fetched_once_a_day() {
    let (certificates, start) = certificates();
    for hours in [0, 1, 23] {
        assert!(
            certificates
                .is_had("good", start + Duration::from_hours(hours))
                .await
        );
    }
    assert_eq!(certificates.fetches(), 1);
    assert!(certificates.is_had("good", start + KEPT).await);
    assert_eq!(certificates.fetches(), 2);
}

#[tokio::test]
async fn those_who_ask_together_share_one_fetch() {
    let (certificates, start) = certificates();
    let ask = |url| {
        futures_util::future::join_all((0..20).map(move |_| url).map(|url| certificates.get(url, start)))
    };
    assert!(ask("good").await.iter().all(Result::is_ok));
    assert_eq!(certificates.fetches(), 1);
    let failed = ask("bad").await;
    assert_eq!(failed[0], Err(NotFetched::Status(403).into()));
    assert!(
        failed[1..]
            .iter()
            .all(|outcome| *outcome == Err(NoCertificate::LeftAlone))
    );
    assert_eq!(certificates.fetches(), 2);
}

#[tokio::test]
async fn what_failed_is_left_alone_for_a_while() {
    let (certificates, start) = certificates();
    for seconds in [0, 1, 9] {
        assert!(
            !certificates
                .is_had("bad", start + Duration::from_secs(seconds))
                .await
        );
    }
    assert_eq!(certificates.fetches(), 1);
    assert!(!certificates.is_had("bad", start + LEFT_ALONE).await);
    assert_eq!(certificates.fetches(), 2);
}

#[tokio::test]
async fn made_up_urls_cost_few_fetches_and_no_kept_certificate() {
    let (certificates, start) = certificates();
    assert!(certificates.is_had("good", start).await);
    for n in 0..1_000 {
        assert!(!certificates.is_had(&format!("bad {n}"), start).await);
    }
    assert_eq!(certificates.fetches(), 1 + MOST_TRIED);
    assert!(certificates.is_had("good", start).await);
    assert_eq!(
        certificates.get("good too", start).await,
        Err(NoCertificate::TooMany)
    );
    assert!(certificates.is_had("good too", start + LEFT_ALONE).await);
    assert_eq!(locked(&certificates.tried).len(), 0, "what is over is forgotten");
}

#[tokio::test]
async fn the_least_used_gives_way() {
    let (certificates, start) = certificates();
    let after = |n| start + Duration::from_secs(n);
    for n in 0..16 {
        assert!(certificates.is_had(&format!("good {n}"), after(n)).await);
    }
    assert!(certificates.is_had("good 0", after(20)).await);
    assert!(certificates.is_had("good 16", after(21)).await);
    assert_eq!(
        (certificates.fetches(), locked(&certificates.kept).len()),
        (17, MOST_KEPT)
    );
    assert!(certificates.is_had("good 0", after(22)).await);
    assert_eq!(certificates.fetches(), 17);
    assert!(certificates.is_had("good 1", after(23)).await);
    assert_eq!(certificates.fetches(), 18, "it had to go");
}

#[tokio::test]
async fn hanging_up_is_no_way_around() {
    let (certificates, start) = certificates();
    for _ in 0..50 {
        let asked = certificates.get("bad", start);
        let _ = tokio::time::timeout(Duration::from_millis(1), asked).await;
    }
    assert_eq!(certificates.fetches(), 1);
}

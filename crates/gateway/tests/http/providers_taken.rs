//! Every provider's requests in its own documented shapes, signed as it signs: taken, once, and read.

use mailroom_providers::signing::SIGNERS;

use crate::accounts::{self, fixtures, send, signed};

#[tokio::test]
async fn all_that_providers_document_is_taken_once() {
    let house = accounts::house().await.employ().await;
    let mut again = Vec::new();
    for signer in SIGNERS {
        for (nonce, (name, fixture)) in (1..).zip(fixtures(signer.name())) {
            let name = format!("{} {name}", signer.name());
            let request = signed(*signer, fixture.clone(), nonce);
            let answer = send(&house, &request).await;
            assert_eq!(answer.status, 200, "{name}: {answer:?}");
            // Amazon SNS delivers the same envelope again, with the time it was published; all others sign anew.
            let later = match signer.name() {
                "sns" => request,
                _ => signed(*signer, fixture, nonce + 100),
            };
            again.push((name, later));
        }
    }
    let open =
        "select count(*) from messaging.inbound_events where status not in ('processed', 'dead_letter')";
    house.until(open, 0).await;
    let events = house.events().await;
    let messages = house.number("select count(*) from messaging.messages").await;
    assert!(messages > 50, "{messages} messages");
    // What is buried was put aside by the gateway: workers read all that it understood.
    let buried = "select provider || ' ' || kind || ' ' || provider_message_id || ': ' || error_message \
                  from messaging.inbound_events where status = 'dead_letter' and kind <> 'quarantined'";
    assert_eq!(house.texts(buried).await, [""; 0]);

    // Some fixtures are of one message in several shapes.
    let conflicts = "select count(*) from messaging.conflicting_duplicates";
    let conflicting = house.number(conflicts).await;

    // The same again changes nothing and conflicts with nothing more.
    for (name, request) in again {
        let answer = send(&house, &request).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    }
    house.until(open, 0).await;
    assert_eq!(house.events().await, events);
    assert_eq!(
        house.number("select count(*) from messaging.messages").await,
        messages
    );
    assert_eq!(house.number(conflicts).await, conflicting);
}

#[tokio::test]
async fn a_request_may_not_be_changed_on_its_way() {
    let house = accounts::house().await;
    for signer in SIGNERS {
        let provider = signer.name();
        // Telegram and Postmark show a secret and sign nothing.
        if ["telegram", "postmark"].contains(&provider) {
            continue;
        }
        let (name, fixture) = fixtures(provider).swap_remove(0);
        let right = signed(*signer, fixture, 1);
        assert_eq!(send(&house, &right).await.status, 200, "{provider} {name}");
        let mut changed = right.clone();
        let middle = changed.body.len() / 2;
        changed.body[middle] ^= 1;
        let answer = send(&house, &changed).await;
        assert_eq!(answer.status, 401, "{provider} {name}: {answer:?}");
    }
}

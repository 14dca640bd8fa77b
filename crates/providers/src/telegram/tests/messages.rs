//! Messages, edits, posts and pressed buttons.

use mailroom_domain::{Channel, FilePlace, IncomingMessage, Payload};
use serde_json::json;

use super::update;
use crate::{
    Drift,
    replay::{self, body, one, split},
    telegram::Telegram,
};

fn said(fixture: &'static str) -> IncomingMessage {
    assert_eq!(split(&Telegram, body(fixture)).drift, Drift::default());
    replay::message(&Telegram, &one(&Telegram, body(fixture)))
}

#[test]
fn a_text_is_a_message_between_the_chat_and_the_endpoint() {
    let fixture = include_str!("../../../tests/fixtures/telegram/text.http");
    let event = one(&Telegram, body(fixture));
    assert_eq!(event.provider_message_id, "telegram:front-desk/820000101");
    assert_eq!(event.conversation_key.as_str(), "telegram:71150202<->front-desk");
    let message = said(fixture);
    assert_eq!(
        (message.channel, message.from.as_str()),
        (Channel::Telegram, "@carla_example")
    );
    assert_eq!(
        (event.sender.as_str(), event.recipient.as_str()),
        ("@carla_example", "front-desk")
    );
    assert_eq!(message.body, "Is anybody there? \u{1f600}");
    assert_eq!(message.timestamp.timestamp(), 1_760_000_011);
    assert_eq!(message.reference.unwrap().id, "front-desk/71150202/11");
}

#[test]
fn an_edit_is_a_message_of_its_own_in_the_same_conversation() {
    let message = said(include_str!("../../../tests/fixtures/telegram/edited.http"));
    assert_eq!(message.body, "Is anybody out there?");
    assert_eq!(message.from_participant, "71150202");
    assert_eq!(message.timestamp.timestamp(), 1_760_000_090);
    assert_eq!(
        message.reference.unwrap().id,
        "front-desk/71150202/11/edit/820000102"
    );
    let undated = one(&Telegram, &update("edited_message", json!({})));
    let message = replay::message(&Telegram, &undated);
    assert_eq!(message.timestamp.timestamp(), 1_760_000_011);
}

#[test]
fn a_photo_is_its_largest_size() {
    let message = said(include_str!("../../../tests/fixtures/telegram/photo.http"));
    assert_eq!(
        (message.body.as_str(), message.files.len()),
        ("The broken one", 1)
    );
    let place = FilePlace::Provider("AgACAgIAAx-large".to_owned());
    assert_eq!(
        (message.files[0].place.as_ref(), message.files[0].size),
        (Some(&place), Some(98_002))
    );
}

#[test]
fn documents_and_voices_are_files() {
    let message = said(include_str!("../../../tests/fixtures/telegram/document.http"));
    let file = &message.files[0];
    assert_eq!(file.name.as_deref(), Some("receipt.pdf"));
    assert_eq!(file.content_type.as_deref(), Some("application/pdf"));
    assert_eq!((file.size, message.body.as_str()), (Some(48_211), "Receipt"));
    assert!(message.attachments.is_some());
    let animation = said(include_str!("../../../tests/fixtures/telegram/animation.http"));
    assert_eq!(animation.files.len(), 1, "it comes as a document, too");
    let voice = said(include_str!("../../../tests/fixtures/telegram/voice.http"));
    assert_eq!(voice.files[0].content_type.as_deref(), Some("audio/ogg"));
    assert_eq!(
        (voice.from.as_str(), voice.from_participant.as_str()),
        ("71150203", "-1001550100300")
    );
    for kind in ["audio", "sticker", "video", "video_note"] {
        let event = one(
            &Telegram,
            &update("message", json!({ "text": null, kind: { "file_id": "f" } })),
        );
        assert_eq!(replay::message(&Telegram, &event).files.len(), 1, "{kind}");
    }
}

#[test]
fn what_has_no_text_says_what_it_can() {
    let venue = said(include_str!("../../../tests/fixtures/telegram/venue.http"));
    assert_eq!(venue.body, "Town hall\n1 Example Street\ngeo:52.52,13.405");
    for (content, body) in [
        (
            json!({ "location": { "latitude": 1.5, "longitude": -2 } }),
            "geo:1.5,-2",
        ),
        (
            json!({ "contact": { "first_name": "Dan", "phone_number": "+15550100203" } }),
            "Dan +15550100203",
        ),
        (json!({ "poll": { "question": "Tea?" } }), "Tea?"),
        (
            json!({ "dice": { "emoji": "\u{1f3b2}", "value": 6 } }),
            "\u{1f3b2}",
        ),
        (json!({ "story": { "id": 1 } }), ""),
        (json!({ "location": 7 }), ""),
    ] {
        let mut changed = content.clone();
        changed["text"] = json!(null);
        let event = one(&Telegram, &update("message", changed));
        assert_eq!(replay::message(&Telegram, &event).body, body, "{content}");
    }
}

#[test]
fn in_a_channel_the_channel_itself_speaks() {
    let post = said(include_str!("../../../tests/fixtures/telegram/channel_post.http"));
    assert_eq!(
        (post.from.as_str(), post.from_participant.as_str()),
        ("@example_news", "-1001550100400")
    );
    let event = one(&Telegram, &update("channel_post", json!({ "from": null })));
    assert_eq!(replay::message(&Telegram, &event).from, "71150202");
}

#[test]
fn a_business_accounts_chats_are_not_the_bots_own() {
    let message = said(include_str!(
        "../../../tests/fixtures/telegram/business_message.http"
    ));
    assert_eq!(message.from_participant, "71150202@c0nnect10n");
    assert_eq!(message.reference.unwrap().id, "front-desk/71150202@c0nnect10n/18");
}

#[test]
fn a_pressed_button_says_what_it_stands_for() {
    let message = said(include_str!(
        "../../../tests/fixtures/telegram/callback_query.http"
    ));
    assert_eq!(
        (message.body.as_str(), message.from.as_str()),
        ("order:17:yes", "@carla_example")
    );
    assert_eq!(message.from_participant, "71150202");
    assert_eq!(
        message.reference.unwrap().id,
        "front-desk/callback/4382bfdwdsb323b2d9"
    );
}

#[test]
fn text_with_nul_is_kept_as_bytes_and_shown_without() {
    let event = one(&Telegram, &update("message", json!({ "text": "a\0b" })));
    assert!(matches!(event.payload, Payload::Bytes(_)));
    assert_eq!(replay::message(&Telegram, &event).body, "a\u{fffd}b");
}

//! The comparison finds what is missing, doubled, altered or out of order, and nothing else.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;

use super::compare::{Shown, compare};
use super::expected::ExpectedConversation;
use super::listing::{Conversation, Message};
use super::reading::Said;
use super::report::Problem;

fn minute(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::minutes(minute)
}

fn said(id: &str, body: &str, at: Option<i64>) -> Said {
    Said {
        channel: "sms".to_owned(),
        id: id.to_owned(),
        from: "+1".to_owned(),
        to: "+2".to_owned(),
        body: body.to_owned(),
        attachments: vec!["https://example.com/a".to_owned()],
        status: "delivered".to_owned(),
        timestamp: at.map(minute),
    }
}

fn message(body: &str, at: i64) -> Message {
    Message {
        id: String::new(),
        from: "+1".to_owned(),
        to: "+2".to_owned(),
        body: body.to_owned(),
        attachments: Some(vec![json!("https://example.com/a")]),
        status: "delivered".to_owned(),
        timestamp: minute(at),
    }
}

/// Two messages of the contract, the second late, and two that have the time of their recording.
fn recorded() -> Vec<Said> {
    vec![
        said("first", "b", Some(2)),
        said("late", "a", Some(1)),
        said("t1", "x", None),
        said("t2", "y", None),
    ]
}

fn listed() -> Vec<Message> {
    vec![
        message("a", 1),
        message("b", 2),
        message("x", 9),
        message("y", 10),
    ]
}

fn problems_of(recorded: &[Said], messages: Vec<Message>, change: impl FnOnce(&mut Shown)) -> Vec<Problem> {
    let timeless = recorded.iter().any(|it| it.timestamp.is_none());
    let expected = ExpectedConversation {
        key: "sms:+1<->+2".to_owned(),
        channel: "sms".to_owned(),
        participant_a: "+1".to_owned(),
        participant_b: "+2".to_owned(),
        message_count: recorded.len(),
        last_activity_at: if timeless {
            None
        } else {
            recorded.iter().filter_map(|it| it.timestamp).max()
        },
        arrivals: recorded.iter().map(|it| it.id.clone()).collect(),
    };
    let conversation = Conversation {
        id: "c".to_owned(),
        key: expected.key.clone(),
        channel: "sms".to_owned(),
        participant_a: "+1".to_owned(),
        participant_b: "+2".to_owned(),
        message_count: messages.len(),
        last_activity_at: messages.iter().map(|it| it.timestamp).max().unwrap_or_default(),
    };
    let mut shown = Shown {
        conversation,
        messages,
    };
    change(&mut shown);
    compare(&expected, recorded, Some(&shown))
        .into_iter()
        .map(|finding| finding.problem)
        .collect()
}

fn problems(messages: Vec<Message>) -> Vec<Problem> {
    problems_of(&recorded(), messages, |_| ())
}

fn count(says: usize) -> Problem {
    Problem::WrongCount {
        expected: 4,
        says,
        listed: says,
    }
}

#[test]
fn all_there_once_in_order_is_right() {
    assert_eq!(problems(listed()), []);
    let mut with_objects = listed();
    with_objects[2].attachments = Some(vec![
        json!({"url": "https://example.com/a", "content_type": "image/png"}),
    ]);
    assert_eq!(problems(with_objects), []);
}

#[test]
fn a_lost_message_is_missing() {
    for (place, id) in [(0, "late"), (1, "first"), (2, "t1")] {
        let mut messages = listed();
        messages.remove(place);
        assert_eq!(
            problems(messages),
            [
                Problem::Missing {
                    message: id.to_owned()
                },
                count(3)
            ]
        );
    }
}

#[test]
fn a_message_that_is_there_twice_is_doubled() {
    for (place, id) in [(1, "first"), (2, "t1")] {
        let mut messages = listed();
        messages.insert(place, messages[place].clone());
        assert_eq!(
            problems(messages),
            [
                Problem::Doubled {
                    message: id.to_owned(),
                    times: 2
                },
                count(5)
            ]
        );
    }
}

#[test]
fn the_same_words_said_twice_are_two_messages() {
    let twice = [said("ok1", "ok", Some(1)), said("ok2", "ok", Some(1))];
    assert_eq!(
        problems_of(&twice, vec![message("ok", 1), message("ok", 1)], |_| ()),
        []
    );
    let once = problems_of(&twice, vec![message("ok", 1)], |_| ());
    assert_eq!(
        once[0],
        Problem::Missing {
            message: "ok2".to_owned()
        }
    );
    let thrice = problems_of(
        &twice,
        vec![message("ok", 1), message("ok", 1), message("ok", 1)],
        |_| (),
    );
    assert!(
        matches!(thrice[0], Problem::Doubled { times: 2, .. }),
        "{thrice:?}"
    );
}

#[test]
fn an_altered_message_is_missing_and_another_unexpected() {
    let alter: [fn(&mut Message); 5] = [
        |it| it.body.push('!'),
        |it| it.from = "+3".to_owned(),
        |it| it.to = "+3".to_owned(),
        |it| it.attachments = None,
        |it| it.timestamp += Duration::microseconds(1),
    ];
    for alter in alter {
        let mut messages = listed();
        alter(&mut messages[1]);
        let missing = Problem::Missing {
            message: "first".to_owned(),
        };
        assert_eq!(problems(messages), [missing, Problem::Unexpected { messages: 1 }]);
    }
}

#[test]
fn a_list_out_of_order_is_found() {
    let mut by_arrival = listed();
    by_arrival.swap(0, 1);
    assert_eq!(
        problems(by_arrival),
        [Problem::OutOfOrder {
            message: "late".to_owned()
        }]
    );

    // Written down in the wrong order: only the arrival tells.
    let timeless_swapped = vec![
        message("a", 1),
        message("b", 2),
        message("y", 9),
        message("x", 10),
    ];
    assert_eq!(
        problems(timeless_swapped),
        [Problem::OutOfOrder {
            message: "t1".to_owned()
        }]
    );

    let same_instant = [said("one", "1", Some(1)), said("two", "2", Some(1))];
    assert_eq!(
        problems_of(&same_instant, vec![message("2", 1), message("1", 1)], |_| ()),
        [Problem::OutOfOrder {
            message: "one".to_owned()
        }]
    );
}

#[test]
fn what_the_conversation_says_of_itself_is_held_against_its_messages() {
    let wrong_count = problems_of(&recorded(), listed(), |shown| {
        shown.conversation.message_count = 5;
    });
    assert_eq!(
        wrong_count,
        [Problem::WrongCount {
            expected: 4,
            says: 5,
            listed: 4
        }]
    );
    let early = problems_of(&recorded(), listed(), |shown| {
        shown.conversation.last_activity_at = minute(9);
    });
    assert_eq!(
        early,
        [Problem::WrongLastActivity {
            expected: Some(minute(10)),
            says: minute(9)
        }]
    );
    let swapped = problems_of(&recorded(), listed(), |shown| {
        shown.conversation.participant_a = "+3".to_owned();
    });
    assert_eq!(swapped, [Problem::WrongParticipants]);
}

#[test]
fn a_conversation_that_is_not_there_misses_all_its_messages() {
    let expected = ExpectedConversation {
        key: String::new(),
        channel: String::new(),
        participant_a: String::new(),
        participant_b: String::new(),
        message_count: 4,
        last_activity_at: None,
        arrivals: Vec::new(),
    };
    assert_eq!(compare(&expected, &recorded(), None).len(), 4);
}

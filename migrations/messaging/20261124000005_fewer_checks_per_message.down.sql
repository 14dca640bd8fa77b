alter table messaging.messages
    add constraint messages_conversation foreign key (lane, conversation_id)
        references messaging.conversations (lane, id),
    drop constraint messages_are_named_by_their_event,
    add constraint messages_once_per_event unique (lane, event_id);

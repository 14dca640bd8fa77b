drop table mailbox.message_mailboxes;

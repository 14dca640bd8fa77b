drop table messaging.conversation_counts;

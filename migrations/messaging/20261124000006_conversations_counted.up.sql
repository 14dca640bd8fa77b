-- How many conversations there are is told with every page of them, and counting them took longer than the page.

create table messaging.conversation_counts (
    lane           smallint primary key check (lane between 0 and 255),
    conversations  bigint   not null check (conversations > 0)
) with (fillfactor = 25);

comment on table messaging.conversation_counts is
    'How many conversations each lane has; raised by the statement that adds one. A lane without any has no row.';

-- Nobody adds one between what is counted and what is raised.
lock table messaging.conversations in share mode;
insert into messaging.conversation_counts (lane, conversations)
select lane, count(*) from messaging.conversations group by lane;

drop function messaging.work_waiting();

-- Alerts: rules, episodes, what people did about them, and what was sent.
select 1;

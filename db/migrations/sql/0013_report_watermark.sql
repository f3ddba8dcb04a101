-- What is newest of a service's reports and reviews, in one look-up each: caches ask it every few seconds.

create index report_letter_taken on team.report_letter (service, taken_at);
create index report_review_newest on team.report_review (service, review_id);
create index report_second_opinion_newest on team.report_second_opinion (service, ask_id);

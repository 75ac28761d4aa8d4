-- Rows of states and requests stay in their page, as they are: compressing two kilobytes for each decision, and looking
-- them up elsewhere, costs more than the space is worth.

alter table streams alter column state set storage external;
alter table streams set (toast_tuple_target = 8160);
alter table requests alter column request set storage external;
alter table requests set (toast_tuple_target = 8160);

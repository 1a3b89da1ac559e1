-- JSON array of the projects that a token is for; null for the whole team.
alter table token add column projects text;

-- JSON array of families whose events an endpoint's wildcards do not cover.
alter table endpoint add column barred text;

-- As a superuser: this role gets 80 connections and no more, so the others always find some.
ALTER ROLE shop CONNECTION LIMIT 80;

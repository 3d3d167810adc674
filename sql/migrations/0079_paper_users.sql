-- Who trades at the paper exchange: users, the refresh tokens of their sessions, and the trail of what was changed of both.
create table paper.users (
    id                       uuid primary key,
    account                  integer not null references paper.accounts unique,
    email                    text not null check (length(email) between 3 and 254),
    email_folded             text not null,  -- what all spellings of it have in common (NFKC and casefold)
    name                     text not null check (length(name) between 1 and 100),
    date_of_birth            date,
    password                 text not null,  -- argon2id, as PHC text
    role                     text not null check (role in ('user', 'admin')),
    is_verified              boolean not null,
    is_deleted               boolean not null,
    password_updated_at      timestamptz not null,
    secret_token             text not null,  -- another one ends every access token of the user
    secret_token_created_at  timestamptz not null,
    created_at               timestamptz not null,
    updated_at               timestamptz not null
);
create unique index users_email on paper.users (email_folded) where not is_deleted;

-- Names in mixed letters are those of the owner's document.
create table paper.refreshtokens (
    id             uuid primary key,
    "user"         uuid not null references paper.users,
    account        integer not null references paper.accounts,
    family         uuid not null,                            -- of one login
    hash           text not null check (length(hash) = 64) unique,  -- SHA-256 of the token
    "isRevoked"    boolean not null,
    "tokenExpiry"  timestamptz not null,
    used_at        timestamptz,
    replaced_by    uuid,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    "deletedAt"    timestamptz,                              -- when it was revoked
    check ("isRevoked" = ("deletedAt" is not null) and (used_at is null) = (replaced_by is null))
);
create index refreshtokens_expiry on paper.refreshtokens ("tokenExpiry");

alter table paper.api_keys
    add addresses cidr[] not null default '{}',              -- from which it may be used; none: from everywhere
    add last_used timestamptz,
    add constraint api_keys_public_key check (length(public_key) = 32);

-- Append-only; secrets are masked before they come here.
create table paper.audit_logs (
    id          bigint generated always as identity primary key,
    account     integer references paper.accounts,           -- of the user whom it concerns
    user_id     uuid references paper.users,
    actor       text not null,                               -- a user's id, or operator: whoever runs the platform
    action      text not null,
    table_name  text not null,
    record_id   text not null,
    old_values  jsonb,                                       -- of what changed; null: it was not there
    new_values  jsonb not null,
    ip_address  text not null,
    user_agent  text not null,
    created_at  timestamptz not null
);
create index audit_logs_account on paper.audit_logs (account, id);

create function paper.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail can only be added to';
end
$$;
create trigger only_added before update or delete on paper.audit_logs for each statement
    execute function paper.refuse_change();

-- Who reads for an account sees its own rows. Only the trail may be read as a whole, by who says so: an admin's question.
alter table paper.users enable row level security;
alter table paper.refreshtokens enable row level security;
alter table paper.audit_logs enable row level security;
create policy own on paper.users using (current_user = 'portfolio_paper' or account = paper.reader());
create policy own on paper.refreshtokens using (current_user = 'portfolio_paper' or account = paper.reader());
create policy own on paper.audit_logs using (current_user = 'portfolio_paper' or account = paper.reader()
    or current_setting('paper.everybody', true) = 'on');

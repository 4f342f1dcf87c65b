extension Migration {
  /// Adds the further data of users, sign-up invites, and password resets.
  static let users = Migration(version: 3, name: "accounts") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      alter table users add column email text;
      alter table users add column currency text;
      alter table users add column time_zone text;
      -- Set while an administrator keeps them out.
      alter table users add column disabled_at \(integer);
      alter table users add column version \(integer) not null default 1;
      -- Not unique: see the decision on e-mail addresses.
      create index users_by_email on users (lower(email)) where email is not null;

      -- Former members too: a deleted account must let go of them.
      drop index accounts_by_user;
      create index accounts_by_user on accounts (user_id, group_id) where user_id is not null;

      -- Codes that let somebody sign up, once each. Only a hash is kept.
      create table sign_up_invites (
        code_hash text primary key,
        created_at \(integer) not null,
        expires_at \(integer) not null,
        -- Who has signed up with it; they may be gone since.
        used_by \(id)
      )\(strict);
      create index sign_up_invites_by_expiry on sign_up_invites (expires_at);

      -- Tokens that were mailed to somebody. Only a hash is kept.
      create table password_resets (
        token_hash text primary key,
        user_id \(id) not null references users (id),
        expires_at \(integer) not null,
        -- The request that uses it; never seen by any other.
        used_by \(id)
      )\(strict);
      create index password_resets_by_user on password_resets (user_id, expires_at);
      create index password_resets_by_expiry on password_resets (expires_at)
      """
  }
}

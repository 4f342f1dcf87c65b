extension Migration {
  /// Adds the device and the last use of sessions, API tokens, and second factors.
  ///
  /// A token's group is not a foreign key: in a distributed database the tables of users are on every node, and those
  /// of groups are not. A token for a deleted group gives access to nothing.
  static let tokensAndSecondFactors = Migration(version: 4, name: "tokens") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      alter table sessions add column device text;
      alter table sessions add column used_at \(integer) not null default 0;
      update sessions set used_at = created_at;
      drop index sessions_by_user;
      create index sessions_by_user on sessions (user_id, id);

      create table tokens (
        id \(id) primary key,
        token_hash text not null constraint tokens_token_hash unique,
        user_id \(id) not null references users (id) on delete cascade,
        name text not null,
        scopes text not null constraint tokens_scopes check (scopes in ('read', 'write', 'read write')),
        -- The only group that it sees.
        group_id \(id),
        created_at \(integer) not null,
        expires_at \(integer),
        used_at \(integer)
      )\(strict);
      create index tokens_by_user on tokens (user_id, id);
      create index tokens_by_expiry on tokens (expires_at) where expires_at is not null;

      create table second_factors (
        user_id \(id) primary key references users (id) on delete cascade,
        -- The key of the one-time codes, in hexadecimal digits.
        secret text not null,
        -- Null until a code of it was shown: until then it asks nobody for anything.
        enabled_at \(integer),
        -- The time step of the last code that was taken: no code of it or before is taken again.
        last_step \(integer) not null default 0
      )\(strict);

      create table recovery_codes (
        user_id \(id) not null references second_factors (user_id) on delete cascade,
        code_hash text not null,
        primary key (user_id, code_hash)
      )\(strict)
      """
  }
}

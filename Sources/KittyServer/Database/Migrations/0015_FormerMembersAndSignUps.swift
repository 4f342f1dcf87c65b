extension Migration {
  /// Adds the places of invites and of removals in the change sequence of their group, the secret of the invite to a group
  /// with which a user signed up, and device tokens.
  static let formerMembersAndSignUps = Migration(version: 15, name: "former members and sign-ups") {
    dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      -- An invite lets a former member return only if it was made after they left. Of the time before this migration the
      -- order is not known, so such an invite lets no former member in.
      alter table invites add column sequence \(integer) not null default 0;
      alter table accounts add column removed_sequence \(integer) not null default 0;
      -- The sign-up used the invite once, so that its user can accept it without a second use.
      alter table users add column group_invite text;

      -- The devices from which a user signed in. Only a hash of the token is kept.
      create table device_tokens (
        token_hash text primary key,
        user_id \(id) not null references users (id) on delete cascade,
        expires_at \(integer) not null
      )\(strict);
      create index device_tokens_by_user on device_tokens (user_id, expires_at);
      create index device_tokens_by_expiry on device_tokens (expires_at)
      """
  }
}

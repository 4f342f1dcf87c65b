extension Migration {
  /// Adds the public keys of ssh with which users sign in, and the challenges that they sign.
  static let sshKeys = Migration(version: 18, name: "ssh keys") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      create table ssh_keys (
        id \(id) primary key,
        user_id \(id) not null references users (id) on delete cascade,
        name text not null,
        type text not null,
        -- A key belongs to one account.
        fingerprint text not null constraint ssh_keys_fingerprint unique,
        created_at \(integer) not null,
        used_at \(integer)
      )\(strict);
      create index ssh_keys_by_user on ssh_keys (user_id, id);
      -- The key with which the session began; null for a password.
      alter table sessions add column key_id \(id);

      -- A challenge is deleted when it is used. Only a hash of its text is kept.
      create table sign_in_challenges (
        challenge_hash text primary key,
        expires_at \(integer) not null
      )\(strict);
      create index sign_in_challenges_by_expiry on sign_in_challenges (expires_at)
      """
  }
}

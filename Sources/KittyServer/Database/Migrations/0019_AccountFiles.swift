extension Migration {
  /// Adds the files that clients keep with an account, and the addresses to which a photo can be sent once.
  static let accountFiles = Migration(version: 19, name: "account files") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      -- The address of the client of sshd: the requests of its session come from the gateway's machine.
      alter table sessions add column client text;

      create table account_files (
        user_id \(id) not null references users (id) on delete cascade,
        name text not null,
        content text not null,
        -- The session that wrote it; it may have ended.
        session_id \(id),
        saved_at \(integer) not null,
        primary key (user_id, name)
      )\(strict);

      -- Only a hash of the secret is kept. Without a group it is for the photo of the user.
      create table upload_addresses (
        token_hash text primary key,
        user_id \(id) not null references users (id) on delete cascade,
        group_id \(id),
        -- The address ends with the session that made it.
        session_id \(id) not null,
        expires_at \(integer) not null
      )\(strict);
      create index upload_addresses_by_user on upload_addresses (user_id, expires_at)
      """
  }
}

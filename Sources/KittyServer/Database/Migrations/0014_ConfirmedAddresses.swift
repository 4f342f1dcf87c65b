extension Migration {
  /// Adds the confirmation of addresses. An existing address counts as confirmed where only one account has it, so that
  /// its user can still reset a forgotten password; the accounts that share one must confirm it.
  static let confirmedAddresses = Migration(version: 14, name: "confirmed addresses") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      -- Null until a token that was mailed to the address was used.
      alter table users add column email_confirmed_at \(integer);
      update users set email_confirmed_at = created_at
      where lower(email) in (
        select lower(email) from users where email is not null group by lower(email) having count(*) = 1);

      -- Mails with a token that confirms an address. Only hashes are stored.
      create table email_confirmations (
        token_hash text primary key,
        -- Not a reference: a mail counts towards the limits also after its user was deleted.
        user_id \(id) not null,
        -- Of the address in lower case.
        email_hash text not null,
        expires_at \(integer) not null
      )\(strict);
      create index email_confirmations_by_user on email_confirmations (user_id, expires_at);
      create index email_confirmations_by_email on email_confirmations (email_hash, expires_at);
      create index email_confirmations_by_expiry on email_confirmations (expires_at)
      """
  }
}

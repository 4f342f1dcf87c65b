extension Migration {
  /// Adds the receipts of entries whose files this server has. What an entry says is in its revisions.
  static let receipts = Migration(version: 24, name: "receipts") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      -- The receipts that the current revision of an entry names. Those of an imported entry are missing until their files are
      -- sent.
      create table entry_receipts (
        group_id \(id) not null,
        entry_id \(id) not null,
        number \(integer) not null check (number between 1 and 10),
        hash text not null,
        type text not null,
        name text not null,
        bytes \(integer) not null check (bytes > 0),
        primary key (group_id, entry_id, number)
      )\(strict);
      -- A file is removed when no group has it.
      create index entry_receipts_by_hash on entry_receipts (hash);

      -- What an upload is for: a photo or a receipt.
      alter table photo_conversions add column purpose text not null default 'photo'
      """
  }
}

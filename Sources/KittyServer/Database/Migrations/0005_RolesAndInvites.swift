extension Migration {
  /// Adds the roles admin, member and viewer, a single owner for each group, invites, and groups in which members may
  /// change their own entries only.
  static let rolesAndInvites = Migration(version: 5, name: "roles and invites") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      \(dialect == .postgres ? postgresRoles : sqliteRoles);
      create unique index accounts_one_owner on accounts (group_id) where role = 'owner' and removed_at is null;

      alter table groups add column own_entries_only \(integer) not null default 0
        constraint groups_own_entries_only check (own_entries_only in (0, 1));

      create table invites (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        -- The part of the code that is random; the rest of the code is the group.
        secret text not null,
        role text not null constraint invites_role check (role in ('admin', 'member', 'viewer')),
        -- Whom its user becomes; null for somebody new.
        guest_id \(id),
        max_uses \(integer) not null,
        uses \(integer) not null default 0,
        -- The id of the request that used it last: what that request writes besides depends on it.
        last_use \(id),
        created_by \(id) not null,
        created_at \(integer) not null,
        expires_at \(integer) not null,
        primary key (group_id, id),
        constraint invites_uses check (uses between 0 and max_uses),
        foreign key (group_id, guest_id) references accounts (group_id, id),
        foreign key (group_id, created_by) references accounts (group_id, id)
      )\(strict);
      create unique index invites_secret on invites (group_id, secret)
      """
  }

  /// A member with a user has a role other than guest; a member without one is a guest.
  private static let checks = """
    constraint accounts_role check (role in ('owner', 'admin', 'member', 'viewer', 'guest', 'kitty')),
    constraint accounts_guest check ((user_id is null) = (role in ('guest', 'kitty')))
    """

  private static let postgresRoles = """
    alter table accounts drop constraint accounts_role,
      \(checks.replacing("constraint ", with: "add constraint "))
    """

  /// SQLite cannot change a check of a table, so the table is created again with the same name. References to it are
  /// checked at the end of the transaction, when all rows are back.
  private static let sqliteRoles = """
    pragma defer_foreign_keys = on;
    create temporary table old_accounts as select * from accounts;
    drop table accounts;
    create table accounts (
      group_id text not null references groups (id),
      id text not null,
      kind text not null constraint accounts_kind check (kind in ('member', 'kitty')),
      name text not null,
      name_key text not null,
      user_id text references users (id),
      role text not null,
      weight integer not null default 1,
      created_at integer not null,
      removed_at integer,
      version integer not null default 1,
      primary key (group_id, id),
      \(checks)
    ) strict;
    insert into accounts (
      group_id, id, kind, name, name_key, user_id, role, weight, created_at, removed_at, version)
    select group_id, id, kind, name, name_key, user_id, role, weight, created_at, removed_at, version
    from old_accounts;
    drop table temp.old_accounts;
    create unique index accounts_name_key on accounts (group_id, name_key)
      where removed_at is null and kind = 'member';
    create unique index accounts_user_id on accounts (group_id, user_id) where removed_at is null;
    create index accounts_by_user on accounts (user_id, group_id) where user_id is not null
    """
}

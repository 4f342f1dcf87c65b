import KittyShared
import Testing

@testable import KittyServer

/// The rules without HTTP; `AccessMatrixTests` checks them for each route.
struct PermissionsTests {
  private static func me(
    _ role: Member.Role, archived: Bool = false, ownEntriesOnly: Bool = false
  ) -> Membership {
    Membership(
      group: .first, member: .last, role: role, currency: Currency(code: "EUR")!, isArchived: archived,
      closedUntil: nil, isDeleted: false, ownEntriesOnly: ownEntriesOnly)
  }

  private static func member(_ role: Member.Role, id: ID = ID(at: .now)) -> Member {
    Member(
      id: id, name: "Bob", user: role == .guest ? nil : id, role: role, photo: nil, createdAt: .now,
      removedAt: nil)
  }

  private static func code(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? Rejection)?.code }
    return nil
  }

  @Test func rolesHaveTheirRights() {
    let table: [Member.Role: Set<Route.Right>] = [
      .guest: [],
      .viewer: [.read, .leave],
      .member: [.read, .leave, .enter, .revise, .amend],
      .admin: [.read, .leave, .enter, .revise, .amend, .manage, .administer],
      .owner: Set(Route.Right.allCases),
    ]
    for role in Member.Role.allCases {
      #expect(Set(Route.Right.allCases.filter { $0.isHeld(by: role) }) == table[role], "\(role)")
      for right in Route.Right.allCases {
        let refused = Self.code { try Permissions.require(right, Self.me(role)) }
        #expect(refused == (table[role]?.contains(right) == true ? nil : "not_allowed"))
      }
    }
  }

  @Test func archivedGroupAllowsReadingLeavingAndAdministration() {
    let works = Route.Right.allCases.filter(\.worksInArchive)
    #expect(Set(works) == [.read, .leave, .administer, .own])
  }

  @Test(arguments: Member.Role.allCases, [true, false])
  func entriesOfOthersAreProtectedWhenGroupRequiresIt(role: Member.Role, ownEntriesOnly: Bool) {
    let me = Self.me(role, ownEntriesOnly: ownEntriesOnly)
    #expect(Self.code { try Permissions.requireRevision(of: me.member, me) } == nil)
    let others = Self.code { try Permissions.requireRevision(of: ID(at: .now), me) }
    let mayAlways = role == .owner || role == .admin
    #expect(others == (ownEntriesOnly && !mayAlways ? "not_your_entry" : nil))
  }

  @Test func rolesLimitChangesOfMembers() {
    let name = MemberChange(name: "x")
    let role = MemberChange(role: .viewer)
    func change(_ me: Member.Role, _ target: Member, _ change: MemberChange) -> String? {
      Self.code { try Permissions.requireAmendment(of: target, change, Self.me(me)) }
    }
    for target in Member.Role.allCases {
      let other = Self.member(target)
      #expect(change(.member, other, name) == (target == .guest ? nil : "not_allowed"), "\(target)")
      #expect(change(.member, other, role) == "not_allowed", "\(target)")
      #expect(change(.admin, other, name) == (target == .owner ? "not_allowed" : nil), "\(target)")
      #expect(change(.owner, other, name) == nil, "\(target)")
      let refused: [Member.Role: String] = [.owner: "not_allowed", .guest: "is_guest"]
      #expect(change(.admin, other, role) == refused[target], "\(target)")
    }
    #expect(change(.member, Self.member(.member, id: .last), name) == nil)
    #expect(change(.member, Self.member(.member, id: .last), role) == "not_allowed")
    #expect(change(.owner, Self.member(.owner, id: .last), role) == "is_owner")
    #expect(change(.owner, Self.member(.admin), role) == nil)
  }
}

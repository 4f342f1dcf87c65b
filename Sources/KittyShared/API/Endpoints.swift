/// Every route of the API.
public enum Endpoints {
  // Accounts and sessions
  /// Signs up.
  public static let signUp = Endpoint<NewUser, User>(.post, "/v1/users", .anyone, success: 201)
  /// Signs in.
  public static let signIn = Endpoint<NewSession, Session>(.post, "/v1/sessions", .anyone, success: 201)
  /// Signs out: ends the session that the request comes with.
  public static let signOut = Endpoint<Empty, Empty>(.delete, "/v1/sessions/current", .user, success: 204)
  /// Who is signed in.
  public static let me = Endpoint<Empty, User>(.get, "/v1/me", .user)
  /// Sets the profile photo; the body is the picture.
  public static let setMyPhoto = Endpoint<Bytes, Photo>(.put, "/v1/me/photo", .user)
  /// The profile photo; `?size=` is `large`, `small` or `preview`.
  public static let myPhoto = Endpoint<Empty, Bytes>(.get, "/v1/me/photo", .user, query: ["size"])
  /// Removes the profile photo.
  public static let removeMyPhoto = Endpoint<Empty, Empty>(.delete, "/v1/me/photo", .user, success: 204)

  // Groups
  /// My groups, newest first; `?archived=true` lists the archived ones instead.
  public static let groups = Endpoint<Empty, Page<Group>>(
    .get, "/v1/groups", .user, query: ["archived", "limit", "cursor"])
  /// Makes a group; its maker becomes its first member and owner.
  public static let createGroup = Endpoint<NewGroup, Group>(.post, "/v1/groups", .user, success: 201)
  /// One group.
  public static let group = Endpoint<Empty, Group>(.get, "/v1/groups/{group}", .member(.read))
  /// Renames, archives or brings back a group; needs `If-Match`.
  public static let changeGroup = Endpoint<GroupChange, Group>(
    .patch, "/v1/groups/{group}", .member(.administer))
  /// Sets the group's photo; the body is the picture.
  public static let setGroupPhoto = Endpoint<Bytes, Photo>(.put, "/v1/groups/{group}/photo", .member(.write))
  /// The group's photo; `?size=` is `large`, `small` or `preview`.
  public static let groupPhoto = Endpoint<Empty, Bytes>(
    .get, "/v1/groups/{group}/photo", .member(.read), query: ["size"])
  /// Removes the group's photo.
  public static let removeGroupPhoto = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/photo", .member(.write), success: 204)

  // Members
  /// The members, in the order in which they joined; `?removed=true` lists the former ones too.
  public static let members = Endpoint<Empty, Page<Member>>(
    .get, "/v1/groups/{group}/members", .member(.read), query: ["removed", "limit", "cursor"])
  /// Adds a guest: a member without an account.
  public static let addMember = Endpoint<NewMember, Member>(
    .post, "/v1/groups/{group}/members", .member(.write), success: 201)
  /// Removes a member whose balance is zero.
  public static let removeMember = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/members/{member}", .member(.administer), success: 204)
  /// A member's profile photo; `?size=` is `large`, `small` or `preview`.
  public static let memberPhoto = Endpoint<Empty, Bytes>(
    .get, "/v1/groups/{group}/members/{member}/photo", .member(.read), query: ["size"])

  // The books
  /// The expenses, latest first.
  public static let expenses = Endpoint<Empty, Page<Expense>>(
    .get, "/v1/groups/{group}/expenses", .member(.read), query: ["limit", "cursor"])
  /// Enters an expense.
  public static let createExpense = Endpoint<NewExpense, Expense>(
    .post, "/v1/groups/{group}/expenses", .member(.write), success: 201)
  /// One expense, deleted ones too.
  public static let expense = Endpoint<Empty, Expense>(
    .get, "/v1/groups/{group}/expenses/{expense}", .member(.read))
  /// Takes an expense out of the balances; what it was stays on record.
  public static let deleteExpense = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/expenses/{expense}", .member(.write), success: 204)
  /// Who is owed and who owes, per currency.
  public static let balances = Endpoint<Empty, Balances>(
    .get, "/v1/groups/{group}/balances", .member(.read))

  // Health
  /// Whether the process runs.
  public static let live = Endpoint<Empty, Health>(.get, "/health/live", .anyone)
  /// Whether it can serve; 503 and the part that is not ready when not.
  public static let ready = Endpoint<Empty, Health>(.get, "/health/ready", .anyone)

  /// The routes of all of them.
  public static let all: [Route] = [
    signUp.route, signIn.route, signOut.route, me.route, setMyPhoto.route, myPhoto.route, removeMyPhoto.route,
    groups.route, createGroup.route, group.route, changeGroup.route, setGroupPhoto.route, groupPhoto.route,
    removeGroupPhoto.route, members.route, addMember.route, removeMember.route, memberPhoto.route,
    expenses.route, createExpense.route, expense.route, deleteExpense.route, balances.route, live.route,
    ready.route,
  ]
}

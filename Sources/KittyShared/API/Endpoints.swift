/// Every route of the API.
public enum Endpoints {
  // Accounts and sessions
  /// Signs up.
  public static let signUp = Endpoint<NewUser, User>(.post, "/v1/users", .anyone, success: 201)
  /// Signs in.
  public static let signIn = Endpoint<NewSession, Session>(.post, "/v1/sessions", .anyone, success: 201)
  /// Signs out: ends the session that the request comes with.
  public static let signOut = Endpoint<Empty, Empty>(.delete, "/v1/sessions/current", .session, success: 204)
  /// Who is signed in.
  public static let me = Endpoint<Empty, User>(.get, "/v1/me", .user)
  /// Sets the profile photo; the body is the picture.
  public static let setMyPhoto = Endpoint<Bytes, Photo>(.put, "/v1/me/photo", .session)
  /// The profile photo; `?size=` is `large`, `small` or `preview`.
  public static let myPhoto = Endpoint<Empty, Bytes>(.get, "/v1/me/photo", .user, query: ["size"])
  /// Removes the profile photo.
  public static let removeMyPhoto = Endpoint<Empty, Empty>(.delete, "/v1/me/photo", .session, success: 204)

  // Sessions, API tokens, the second factor
  /// My sessions that have not ended, newest first.
  public static let sessions = Endpoint<Empty, Page<OpenSession>>(
    .get, "/v1/me/sessions", .session, query: ["limit", "cursor"])
  /// Ends one of my sessions.
  public static let endSession = Endpoint<Empty, Empty>(
    .delete, "/v1/me/sessions/{session}", .session, success: 204)
  /// Ends all my sessions but the one that the request comes with.
  public static let endOtherSessions = Endpoint<Empty, Empty>(
    .delete, "/v1/me/sessions", .session, success: 204)
  /// My API tokens, newest first.
  public static let tokens = Endpoint<Empty, Page<APIToken>>(
    .get, "/v1/me/tokens", .session, query: ["limit", "cursor"])
  /// Makes an API token; only this answer has its secret.
  public static let createToken = Endpoint<NewToken, APIToken>(
    .post, "/v1/me/tokens", .session, success: 201)
  /// One API token.
  public static let token = Endpoint<Empty, APIToken>(.get, "/v1/me/tokens/{token}", .session)
  /// Revokes an API token.
  public static let revokeToken = Endpoint<Empty, Empty>(
    .delete, "/v1/me/tokens/{token}", .session, success: 204)
  /// Whether signing in needs a code, and how many recovery codes are left.
  public static let secondFactor = Endpoint<Empty, SecondFactor>(.get, "/v1/me/second-factor", .session)
  /// Gives the secret for an authenticator app. Nothing changes until a code of it is confirmed.
  public static let beginSecondFactor = Endpoint<NewSecondFactor, PendingSecondFactor>(
    .post, "/v1/me/second-factor", .session, success: 201)
  /// Turns the second factor on with a code of the app; only this answer has the recovery codes.
  public static let confirmSecondFactor = Endpoint<SecondFactorConfirmation, RecoveryCodes>(
    .put, "/v1/me/second-factor", .session)
  /// Turns the second factor off.
  public static let removeSecondFactor = Endpoint<SecondFactorRemoval, Empty>(
    .delete, "/v1/me/second-factor", .session, success: 204)

  // Groups
  /// My groups, newest first; `?archived=true` lists the archived ones instead, `?deleted=true` the deleted
  /// ones that I can bring back.
  public static let groups = Endpoint<Empty, Page<Group>>(
    .get, "/v1/groups", .user, query: ["archived", "deleted", "limit", "cursor"])
  /// Makes a group; its maker becomes its first member and owner.
  public static let createGroup = Endpoint<NewGroup, Group>(.post, "/v1/groups", .user, success: 201)
  /// One group.
  public static let group = Endpoint<Empty, Group>(.get, "/v1/groups/{group}", .member(.read))
  /// Renames, archives or closes a group up to a day; needs `If-Match`.
  public static let changeGroup = Endpoint<GroupChange, Group>(
    .patch, "/v1/groups/{group}", .member(.administer))
  /// Deletes a group in which nobody owes anything; `?force=true` deletes it anyway. For 30 days it can be
  /// brought back.
  public static let deleteGroup = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}", .member(.administer), success: 204, query: ["force"])
  /// Brings a deleted group back.
  public static let restoreGroup = Endpoint<Empty, Group>(
    .post, "/v1/groups/{group}/restore", .member(.administer))
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
  /// One member, former ones too.
  public static let member = Endpoint<Empty, Member>(
    .get, "/v1/groups/{group}/members/{member}", .member(.read))
  /// Renames a member or changes their weight; needs `If-Match`.
  public static let changeMember = Endpoint<MemberChange, Member>(
    .patch, "/v1/groups/{group}/members/{member}", .member(.write))
  /// Removes a member whose balance is zero.
  public static let removeMember = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/members/{member}", .member(.administer), success: 204)
  /// A member's profile photo; `?size=` is `large`, `small` or `preview`.
  public static let memberPhoto = Endpoint<Empty, Bytes>(
    .get, "/v1/groups/{group}/members/{member}/photo", .member(.read), query: ["size"])

  // The books
  /// Everything that was entered, latest first; `?kind=` and `?member=` narrow it, `?from=` and `?to=` are
  /// days, `?deleted=true` lists the deleted ones too.
  public static let entries = Endpoint<Empty, Page<Entry>>(
    .get, "/v1/groups/{group}/entries", .member(.read),
    query: ["kind", "member", "from", "to", "deleted", "limit", "cursor"])
  /// One entry, deleted ones too; `{entry}` is its id or its number.
  public static let entry = Endpoint<Empty, Entry>(
    .get, "/v1/groups/{group}/entries/{entry}", .member(.read))
  /// Takes an entry out of the balances; what it was stays on record.
  public static let deleteEntry = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/entries/{entry}", .member(.write), success: 204)
  /// Takes a deleted entry into the balances again.
  public static let restoreEntry = Endpoint<Empty, Entry>(
    .post, "/v1/groups/{group}/entries/{entry}/restore", .member(.write))
  /// Who did what to an entry, and when: old and new for every field.
  public static let history = Endpoint<Empty, History>(
    .get, "/v1/groups/{group}/entries/{entry}/history", .member(.read))
  /// What was said about an entry, oldest first.
  public static let comments = Endpoint<Empty, Page<Comment>>(
    .get, "/v1/groups/{group}/entries/{entry}/comments", .member(.read), query: ["limit", "cursor"])
  /// Says something about an entry.
  public static let createComment = Endpoint<NewComment, Comment>(
    .post, "/v1/groups/{group}/entries/{entry}/comments", .member(.write), success: 201)

  /// The expenses, latest first; `?deleted=true` lists the deleted ones too.
  public static let expenses = Endpoint<Empty, Page<Entry>>(
    .get, "/v1/groups/{group}/expenses", .member(.read), query: ["deleted", "limit", "cursor"])
  /// Enters an expense; `?dryRun=true` answers with what it would be, and writes nothing.
  public static let createExpense = Endpoint<NewExpense, Entered>(
    .post, "/v1/groups/{group}/expenses", .member(.write), success: 201, query: ["dryRun"])
  /// One expense, deleted ones too.
  public static let expense = Endpoint<Empty, Entry>(
    .get, "/v1/groups/{group}/expenses/{expense}", .member(.read))
  /// Changes an expense; needs `If-Match`.
  public static let changeExpense = Endpoint<ExpenseChange, Entered>(
    .patch, "/v1/groups/{group}/expenses/{expense}", .member(.write), query: ["dryRun"])
  /// Takes an expense out of the balances; what it was stays on record.
  public static let deleteExpense = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/expenses/{expense}", .member(.write), success: 204)

  /// The payments, contributions and payouts, latest first; `?deleted=true` lists the deleted ones too.
  public static let payments = Endpoint<Empty, Page<Entry>>(
    .get, "/v1/groups/{group}/payments", .member(.read), query: ["deleted", "limit", "cursor"])
  /// Enters a payment between two members, or into or out of the kitty.
  public static let createPayment = Endpoint<NewPayment, Entered>(
    .post, "/v1/groups/{group}/payments", .member(.write), success: 201, query: ["dryRun"])
  /// One payment, deleted ones too.
  public static let payment = Endpoint<Empty, Entry>(
    .get, "/v1/groups/{group}/payments/{payment}", .member(.read))
  /// Changes a payment; needs `If-Match`.
  public static let changePayment = Endpoint<PaymentChange, Entered>(
    .patch, "/v1/groups/{group}/payments/{payment}", .member(.write), query: ["dryRun"])
  /// Takes a payment out of the balances; what it was stays on record.
  public static let deletePayment = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/payments/{payment}", .member(.write), success: 204)

  /// What the pot holds, and who has put in how much of what was agreed.
  public static let kitty = Endpoint<Empty, Kitty>(.get, "/v1/groups/{group}/kitty", .member(.read))
  /// Says what members have agreed to put in.
  public static let setTargets = Endpoint<TargetsChange, Kitty>(
    .put, "/v1/groups/{group}/kitty/targets", .member(.write))
  /// Enters what is really in the pot; what is missing or over is shared.
  public static let createCount = Endpoint<NewCount, Entered>(
    .post, "/v1/groups/{group}/kitty/counts", .member(.write), success: 201, query: ["dryRun"])

  /// Who is owed and who owes, per currency; `?at=` a day counts what is dated up to it.
  public static let balances = Endpoint<Empty, Balances>(
    .get, "/v1/groups/{group}/balances", .member(.read), query: ["at"])
  /// Where I stand over all my groups.
  public static let myBalances = Endpoint<Empty, MyBalances>(.get, "/v1/me/balances", .user)
  /// Every posting to one account with the running balance; `{account}` is a member's id or `kitty`,
  /// `?from=` and `?to=` are days, `?currency=` is the group's when left out.
  public static let statement = Endpoint<Empty, Statement>(
    .get, "/v1/groups/{group}/accounts/{account}/statement", .member(.read),
    query: ["currency", "from", "to", "limit", "cursor"])
  /// Who owes whom, unsimplified.
  public static let debts = Endpoint<Empty, Debts>(.get, "/v1/groups/{group}/debts", .member(.read))
  /// The payments that settle everything; `?centre=` a member's id or `kitty` lets all go through one.
  public static let settlement = Endpoint<Empty, SettlementPlan>(
    .get, "/v1/groups/{group}/settlement", .member(.read), query: ["centre"])

  /// The group's books as a file; `?format=` is `json`, `csv`, `hledger` or `beancount`.
  public static let export = Endpoint<Empty, Bytes>(
    .get, "/v1/groups/{group}/export", .member(.read), query: ["format"])
  /// Takes a JSON export into this group, which has no entries yet.
  public static let importGroup = Endpoint<GroupFile, Group>(
    .post, "/v1/groups/{group}/import", .member(.administer))

  // Health
  /// Whether the process runs.
  public static let live = Endpoint<Empty, Health>(.get, "/health/live", .anyone)
  /// Whether it can serve; 503 and the part that is not ready when not.
  public static let ready = Endpoint<Empty, Health>(.get, "/health/ready", .anyone)

  /// The routes of all of them.
  public static let all: [Route] = [
    signUp.route, signIn.route, signOut.route, me.route, setMyPhoto.route, myPhoto.route, removeMyPhoto.route,
    sessions.route, endSession.route, endOtherSessions.route, tokens.route, createToken.route, token.route,
    revokeToken.route, secondFactor.route, beginSecondFactor.route, confirmSecondFactor.route,
    removeSecondFactor.route,
    groups.route, createGroup.route, group.route, changeGroup.route, deleteGroup.route, restoreGroup.route,
    setGroupPhoto.route, groupPhoto.route, removeGroupPhoto.route, members.route, addMember.route,
    member.route, changeMember.route, removeMember.route, memberPhoto.route, entries.route, entry.route,
    deleteEntry.route, restoreEntry.route, history.route, comments.route, createComment.route,
    expenses.route, createExpense.route, expense.route, changeExpense.route, deleteExpense.route,
    payments.route, createPayment.route, payment.route, changePayment.route, deletePayment.route,
    kitty.route, setTargets.route, createCount.route, balances.route, myBalances.route, statement.route,
    debts.route, settlement.route, export.route, importGroup.route, live.route, ready.route,
  ]
}

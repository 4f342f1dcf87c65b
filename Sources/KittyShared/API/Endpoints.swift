/// Every route of the API.
package enum Endpoints {
  // Accounts and sessions
  /// Signs up, where the server lets people: see its setting `SIGN_UP`.
  package static let signUp = Endpoint<NewUser, User>(.post, "/v1/users", .anyone, success: 201)
  /// Signs in.
  package static let signIn = Endpoint<NewSession, Session>(.post, "/v1/sessions", .anyone, success: 201)
  /// Signs out: ends the session that the request comes with.
  package static let signOut = Endpoint<Empty, Empty>(.delete, "/v1/sessions/current", .session, success: 204)
  /// Who is signed in.
  package static let me = Endpoint<Empty, User>(.get, "/v1/me", .user)
  /// Changes one's own account; needs `If-Match`.
  package static let changeMe = Endpoint<UserChange, User>(.patch, "/v1/me", .session)
  /// Deletes one's own account. The name stays in the books of the groups one is in, as that of a guest.
  package static let deleteMe = Endpoint<AccountDeletion, Empty>(.delete, "/v1/me", .session, success: 204)
  /// Changes one's own password and ends all other sessions.
  package static let changePassword = Endpoint<PasswordChange, PasswordChanged>(
    .put, "/v1/me/password", .session)
  /// Asks for a mail with which a forgotten password can be replaced. The answer does not say whether there is
  /// an account with the address.
  package static let requestPasswordReset = Endpoint<PasswordResetRequest, Empty>(
    .post, "/v1/password-resets", .anyone, success: 202)
  /// Replaces a forgotten password, with the token from the mail, and ends all sessions.
  package static let resetPassword = Endpoint<PasswordReset, Empty>(
    .put, "/v1/password", .anyone, success: 204)
  /// Sets the profile photo; the body is the picture.
  package static let setMyPhoto = Endpoint<Bytes, Photo>(.put, "/v1/me/photo", .session)
  /// The profile photo; `?size=` is `large`, `small` or `preview`.
  package static let myPhoto = Endpoint<Empty, Bytes>(.get, "/v1/me/photo", .user, query: ["size"])
  /// Removes the profile photo.
  package static let removeMyPhoto = Endpoint<Empty, Empty>(.delete, "/v1/me/photo", .session, success: 204)

  // Sessions, API tokens, the second factor
  /// My sessions that have not ended, newest first.
  package static let sessions = Endpoint<Empty, Page<OpenSession>>(
    .get, "/v1/me/sessions", .session, query: ["limit", "cursor"])
  /// Ends one of my sessions.
  package static let endSession = Endpoint<Empty, Empty>(
    .delete, "/v1/me/sessions/{session}", .session, success: 204)
  /// Ends all my sessions but the one that the request comes with.
  package static let endOtherSessions = Endpoint<Empty, Empty>(
    .delete, "/v1/me/sessions", .session, success: 204)
  /// My API tokens, newest first.
  package static let tokens = Endpoint<Empty, Page<APIToken>>(
    .get, "/v1/me/tokens", .session, query: ["limit", "cursor"])
  /// Makes an API token; only this answer has its secret.
  package static let createToken = Endpoint<NewToken, APIToken>(
    .post, "/v1/me/tokens", .session, success: 201)
  /// One API token.
  package static let token = Endpoint<Empty, APIToken>(.get, "/v1/me/tokens/{token}", .session)
  /// Revokes an API token.
  package static let revokeToken = Endpoint<Empty, Empty>(
    .delete, "/v1/me/tokens/{token}", .session, success: 204)
  /// Whether signing in needs a code, and how many recovery codes are left.
  package static let secondFactor = Endpoint<Empty, SecondFactor>(.get, "/v1/me/second-factor", .session)
  /// Gives the secret for an authenticator app. Nothing changes until a code of it is confirmed.
  package static let beginSecondFactor = Endpoint<NewSecondFactor, PendingSecondFactor>(
    .post, "/v1/me/second-factor", .session, success: 201)
  /// Turns the second factor on with a code of the app; only this answer has the recovery codes.
  package static let confirmSecondFactor = Endpoint<SecondFactorConfirmation, RecoveryCodes>(
    .put, "/v1/me/second-factor", .session)
  /// Turns the second factor off.
  package static let removeSecondFactor = Endpoint<SecondFactorRemoval, Empty>(
    .delete, "/v1/me/second-factor", .session, success: 204)

  // Groups
  /// My groups, newest first; `?archived=true` lists the archived ones instead, `?deleted=true` the deleted
  /// ones that I can bring back.
  package static let groups = Endpoint<Empty, Page<Group>>(
    .get, "/v1/groups", .user, query: ["archived", "deleted", "limit", "cursor"])
  /// Makes a group; its maker becomes its first member and owner.
  package static let createGroup = Endpoint<NewGroup, Group>(.post, "/v1/groups", .user, success: 201)
  /// One group.
  package static let group = Endpoint<Empty, Group>(.get, "/v1/groups/{group}", .member(.read))
  /// Renames, archives or closes a group up to a day, or says whether members change only their own entries; needs
  /// `If-Match`.
  package static let changeGroup = Endpoint<GroupChange, Group>(
    .patch, "/v1/groups/{group}", .member(.administer))
  /// Deletes a group in which nobody owes anything; `?force=true` deletes it anyway. For 30 days it can be
  /// brought back.
  package static let deleteGroup = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}", .member(.own), success: 204, query: ["force"])
  /// Brings a deleted group back.
  package static let restoreGroup = Endpoint<Empty, Group>(
    .post, "/v1/groups/{group}/restore", .member(.own))
  /// Hands the group over to another member with an account; who had it is an admin afterwards.
  package static let handOver = Endpoint<NewOwner, Group>(.put, "/v1/groups/{group}/owner", .member(.own))
  /// Leaves the group: refused while one's balance is not zero, and to the owner while there are others with an
  /// account. The owner who is the last one deletes the group with it.
  package static let leaveGroup = Endpoint<Empty, Empty>(
    .post, "/v1/groups/{group}/leave", .member(.leave), success: 204)
  /// Sets the group's photo; the body is the picture.
  package static let setGroupPhoto = Endpoint<Bytes, Photo>(.put, "/v1/groups/{group}/photo", .member(.enter))
  /// The group's photo; `?size=` is `large`, `small` or `preview`.
  package static let groupPhoto = Endpoint<Empty, Bytes>(
    .get, "/v1/groups/{group}/photo", .member(.read), query: ["size"])
  /// Removes the group's photo.
  package static let removeGroupPhoto = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/photo", .member(.enter), success: 204)

  // Members
  /// The members, in the order in which they joined; `?removed=true` lists the former ones too, `?since=` a
  /// sequence those that changed after it, in the order of their changes.
  package static let members = Endpoint<Empty, Page<Member>>(
    .get, "/v1/groups/{group}/members", .member(.read), query: ["removed", "since", "limit", "cursor"])
  /// Adds a guest: a member without an account.
  package static let addMember = Endpoint<NewMember, Member>(
    .post, "/v1/groups/{group}/members", .member(.enter), success: 201)
  /// One member, former ones too.
  package static let member = Endpoint<Empty, Member>(
    .get, "/v1/groups/{group}/members/{member}", .member(.read))
  /// Renames a member, changes their weight or, as an admin, their role; needs `If-Match`. A member changes
  /// themselves and guests, an admin everybody but the owner.
  package static let changeMember = Endpoint<MemberChange, Member>(
    .patch, "/v1/groups/{group}/members/{member}", .member(.amend))
  /// Removes a member whose balance is zero; `?force=true` removes them anyway, and the balance stays in the books
  /// until it is settled.
  package static let removeMember = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/members/{member}", .member(.manage), success: 204, query: ["force"])
  /// A member's profile photo; `?size=` is `large`, `small` or `preview`.
  package static let memberPhoto = Endpoint<Empty, Bytes>(
    .get, "/v1/groups/{group}/members/{member}/photo", .member(.read), query: ["size"])

  // Invites
  /// The invites that can still be used, oldest first.
  package static let invites = Endpoint<Empty, Page<Invite>>(
    .get, "/v1/groups/{group}/invites", .member(.manage), query: ["limit", "cursor"])
  /// Makes an invite: whoever has its code can join the group, or become a guest of it.
  package static let createInvite = Endpoint<NewInvite, Invite>(
    .post, "/v1/groups/{group}/invites", .member(.manage), success: 201)
  /// Revokes an invite.
  package static let revokeInvite = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/invites/{invite}", .member(.manage), success: 204)
  /// Says what an invite is, by its code; nothing happens.
  package static let lookUpInvite = Endpoint<InviteCode, Invitation>(.post, "/v1/invites/lookup", .user)
  /// Joins the group of an invite, by its code; who is in the group already stays what they are.
  package static let acceptInvite = Endpoint<InviteCode, Group>(.post, "/v1/invites/accept", .user)

  // The books
  /// Everything that was entered, latest first; `?kind=` and `?member=` narrow it, `?from=` and `?to=` are
  /// days, `?deleted=true` lists the deleted ones too. `?since=` a sequence lists what was entered, changed,
  /// deleted, restored or talked about after it, in the order of the changes.
  package static let entries = Endpoint<Empty, Page<Entry>>(
    .get, "/v1/groups/{group}/entries", .member(.read),
    query: ["kind", "member", "from", "to", "deleted", "since", "limit", "cursor"])
  /// One entry, deleted ones too; `{entry}` is its id or its number.
  package static let entry = Endpoint<Empty, Entry>(
    .get, "/v1/groups/{group}/entries/{entry}", .member(.read))
  /// Takes an entry out of the balances; what it was stays on record.
  package static let deleteEntry = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/entries/{entry}", .member(.revise), success: 204)
  /// Takes a deleted entry into the balances again.
  package static let restoreEntry = Endpoint<Empty, Entry>(
    .post, "/v1/groups/{group}/entries/{entry}/restore", .member(.revise))
  /// Who did what to an entry, and when: old and new for every field.
  package static let history = Endpoint<Empty, History>(
    .get, "/v1/groups/{group}/entries/{entry}/history", .member(.read))
  /// What was said about an entry, oldest first.
  package static let comments = Endpoint<Empty, Page<Comment>>(
    .get, "/v1/groups/{group}/entries/{entry}/comments", .member(.read), query: ["limit", "cursor"])
  /// Says something about an entry.
  package static let createComment = Endpoint<NewComment, Comment>(
    .post, "/v1/groups/{group}/entries/{entry}/comments", .member(.enter), success: 201)

  /// The expenses, latest first; `?deleted=true` lists the deleted ones too; `?since=` as for all entries.
  package static let expenses = Endpoint<Empty, Page<Entry>>(
    .get, "/v1/groups/{group}/expenses", .member(.read), query: ["deleted", "since", "limit", "cursor"])
  /// Enters an expense; `?dryRun=true` answers with what it would be, and writes nothing.
  package static let createExpense = Endpoint<NewExpense, Entered>(
    .post, "/v1/groups/{group}/expenses", .member(.enter), success: 201, query: ["dryRun"])
  /// One expense, deleted ones too.
  package static let expense = Endpoint<Empty, Entry>(
    .get, "/v1/groups/{group}/expenses/{expense}", .member(.read))
  /// Changes an expense; needs `If-Match`.
  package static let changeExpense = Endpoint<ExpenseChange, Entered>(
    .patch, "/v1/groups/{group}/expenses/{expense}", .member(.revise), query: ["dryRun"])
  /// Takes an expense out of the balances; what it was stays on record.
  package static let deleteExpense = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/expenses/{expense}", .member(.revise), success: 204)

  /// The payments, contributions and payouts, latest first; `?deleted=true` lists the deleted ones too;
  /// `?since=` as for all entries.
  package static let payments = Endpoint<Empty, Page<Entry>>(
    .get, "/v1/groups/{group}/payments", .member(.read), query: ["deleted", "since", "limit", "cursor"])
  /// Enters a payment between two members, or into or out of the kitty.
  package static let createPayment = Endpoint<NewPayment, Entered>(
    .post, "/v1/groups/{group}/payments", .member(.enter), success: 201, query: ["dryRun"])
  /// One payment, deleted ones too.
  package static let payment = Endpoint<Empty, Entry>(
    .get, "/v1/groups/{group}/payments/{payment}", .member(.read))
  /// Changes a payment; needs `If-Match`.
  package static let changePayment = Endpoint<PaymentChange, Entered>(
    .patch, "/v1/groups/{group}/payments/{payment}", .member(.revise), query: ["dryRun"])
  /// Takes a payment out of the balances; what it was stays on record.
  package static let deletePayment = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/payments/{payment}", .member(.revise), success: 204)

  /// What the pot holds, and who has put in how much of what was agreed.
  package static let kitty = Endpoint<Empty, Kitty>(.get, "/v1/groups/{group}/kitty", .member(.read))
  /// Says what members have agreed to put in.
  package static let setTargets = Endpoint<TargetsChange, Kitty>(
    .put, "/v1/groups/{group}/kitty/targets", .member(.enter))
  /// Enters what is really in the pot; what is missing or over is shared.
  package static let createCount = Endpoint<NewCount, Entered>(
    .post, "/v1/groups/{group}/kitty/counts", .member(.enter), success: 201, query: ["dryRun"])

  /// Who is owed and who owes, per currency; `?at=` a day counts what is dated up to it.
  package static let balances = Endpoint<Empty, Balances>(
    .get, "/v1/groups/{group}/balances", .member(.read), query: ["at"])
  /// Where I stand over all my groups.
  package static let myBalances = Endpoint<Empty, MyBalances>(.get, "/v1/me/balances", .user)
  /// Every posting to one account with the running balance; `{account}` is a member's id or `kitty`,
  /// `?from=` and `?to=` are days, `?currency=` is the group's when left out.
  package static let statement = Endpoint<Empty, Statement>(
    .get, "/v1/groups/{group}/accounts/{account}/statement", .member(.read),
    query: ["currency", "from", "to", "limit", "cursor"])
  /// Who owes whom, unsimplified.
  package static let debts = Endpoint<Empty, Debts>(.get, "/v1/groups/{group}/debts", .member(.read))
  /// The payments that settle everything; `?centre=` a member's id or `kitty` lets all go through one.
  package static let settlement = Endpoint<Empty, SettlementPlan>(
    .get, "/v1/groups/{group}/settlement", .member(.read), query: ["centre"])

  /// The group's books as a file; `?format=` is `json`, `csv`, `hledger` or `beancount`.
  package static let export = Endpoint<Empty, Bytes>(
    .get, "/v1/groups/{group}/export", .member(.read), query: ["format"])
  /// Takes a JSON export into this group, which has no entries yet.
  package static let importGroup = Endpoint<GroupFile, Group>(
    .post, "/v1/groups/{group}/import", .member(.own))

  // Health
  /// Whether the process runs.
  package static let live = Endpoint<Empty, Health>(.get, "/health/live", .anyone)
  /// Whether it can serve; 503 and the part that is not ready when not.
  package static let ready = Endpoint<Empty, Health>(.get, "/health/ready", .anyone)

  // The contract
  /// Every route, field, limit and error, as OpenAPI.
  package static let contract = Endpoint<Empty, Bytes>(.get, "/openapi.yaml", .anyone)

  /// The routes of all of them.
  package static let all: [Route] = [
    signUp.route, signIn.route, signOut.route, me.route, changeMe.route, deleteMe.route,
    changePassword.route, requestPasswordReset.route, resetPassword.route, setMyPhoto.route, myPhoto.route,
    removeMyPhoto.route, sessions.route, endSession.route, endOtherSessions.route, tokens.route,
    createToken.route, token.route, revokeToken.route, secondFactor.route, beginSecondFactor.route,
    confirmSecondFactor.route, removeSecondFactor.route,
    groups.route, createGroup.route, group.route, changeGroup.route, deleteGroup.route, restoreGroup.route,
    handOver.route, leaveGroup.route, invites.route, createInvite.route, revokeInvite.route,
    lookUpInvite.route, acceptInvite.route, setGroupPhoto.route, groupPhoto.route, removeGroupPhoto.route,
    members.route, addMember.route,
    member.route, changeMember.route, removeMember.route, memberPhoto.route, entries.route, entry.route,
    deleteEntry.route, restoreEntry.route, history.route, comments.route, createComment.route,
    expenses.route, createExpense.route, expense.route, changeExpense.route, deleteExpense.route,
    payments.route, createPayment.route, payment.route, changePayment.route, deletePayment.route,
    kitty.route, setTargets.route, createCount.route, balances.route, myBalances.route, statement.route,
    debts.route, settlement.route, export.route, importGroup.route, live.route, ready.route,
    contract.route,
  ]
}

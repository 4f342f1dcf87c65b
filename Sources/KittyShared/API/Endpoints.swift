/// Every route of the API.
package enum Endpoints {
  // Accounts and sessions
  /// Signs up, if the server allows it: see its setting `SIGN_UP`.
  package static let signUp = Endpoint<NewUser, User>(
    .post, "/v1/users", .anyone, changes: .user, success: 201)
  /// Signs in.
  package static let signIn = Endpoint<NewSession, Session>(
    .post, "/v1/sessions", .anyone, changes: .sessions, success: 201)
  /// Gives a challenge to sign with a key of ssh.
  package static let signInChallenge = Endpoint<Empty, SignInChallenge>(
    .post, "/v1/sessions/challenges", .anyone, changes: .nothing, success: 201)
  /// Signs in with a signature of a challenge.
  package static let signInByKey = Endpoint<NewKeySession, Session>(
    .post, "/v1/sessions/by-key", .anyone, changes: .sessions, success: 201)
  /// Signs out: ends the session of the request.
  package static let signOut = Endpoint<Empty, Empty>(
    .delete, "/v1/sessions/current", .session, changes: .sessions, success: 204)
  /// The signed-in user.
  package static let me = Endpoint<Empty, User>(get: "/v1/me", .user)
  /// The data of the caller as a file: the account, what signs in to it, and what concerns them in their groups.
  package static let exportMe = Endpoint<Empty, Bytes>(get: "/v1/me/export", .session)
  /// Changes the account of the caller; needs `If-Match`.
  package static let changeMe = Endpoint<UserChange, User>(.patch, "/v1/me", .session, changes: .sessions)
  /// Deletes the account of the caller. Their name stays in the books of their groups, as that of a guest, with all that they
  /// entered there.
  package static let deleteMe = Endpoint<AccountDeletion, Empty>(
    .delete, "/v1/me", .session, changes: .sessions, success: 204)
  /// Changes the password of the caller and ends their other sessions.
  package static let changePassword = Endpoint<PasswordChange, PasswordChanged>(
    .put, "/v1/me/password", .session, changes: .sessions)
  /// Asks for another mail with a token that confirms the address of the caller.
  package static let requestEmailConfirmation = Endpoint<Empty, Empty>(
    .post, "/v1/me/email/confirmation", .session, changes: .nothing, success: 202)
  /// Confirms the address of the caller with the token from the mail.
  package static let confirmEmail = Endpoint<EmailConfirmation, User>(
    .put, "/v1/me/email/confirmation", .session, changes: .user)
  /// Asks for a mail to replace a forgotten password. The response does not show whether an account has the
  /// address.
  package static let requestPasswordReset = Endpoint<PasswordResetRequest, Empty>(
    .post, "/v1/password-resets", .anyone, changes: .nothing, success: 202)
  /// Replaces a forgotten password with the token from the mail, and ends all sessions and API tokens of the user.
  package static let resetPassword = Endpoint<PasswordReset, Empty>(
    .put, "/v1/password", .anyone, changes: .sessions, success: 204)
  /// Sets the profile photo; the body is the picture.
  package static let setMyPhoto = Endpoint<Bytes, Photo>(.put, "/v1/me/photo", .session, changes: .user)
  /// The profile photo; `?size=` is `large`, `small` or `preview`.
  package static let myPhoto = Endpoint<Empty, Bytes>(get: "/v1/me/photo", .user, query: ["size"])
  /// Removes the profile photo.
  package static let removeMyPhoto = Endpoint<Empty, Empty>(
    .delete, "/v1/me/photo", .session, changes: .user, success: 204)

  // Sessions, API tokens, the second factor
  /// The sessions of the caller that have not ended, newest first.
  package static let sessions = Endpoint<Empty, Page<OpenSession>>(
    get: "/v1/me/sessions", .session, query: ["limit", "cursor"])
  /// Ends one session of the caller.
  package static let endSession = Endpoint<Empty, Empty>(
    .delete, "/v1/me/sessions/{session}", .session, changes: .sessions, success: 204)
  /// Ends all sessions of the caller but that of the request.
  package static let endOtherSessions = Endpoint<Empty, Empty>(
    .delete, "/v1/me/sessions", .session, changes: .sessions, success: 204)
  /// The API tokens of the caller, newest first.
  package static let tokens = Endpoint<Empty, Page<APIToken>>(
    get: "/v1/me/tokens", .session, query: ["limit", "cursor"])
  /// Makes an API token; only this response has its secret.
  package static let createToken = Endpoint<NewToken, APIToken>(
    .post, "/v1/me/tokens", .session, changes: .sessions, success: 201)
  /// One API token.
  package static let token = Endpoint<Empty, APIToken>(get: "/v1/me/tokens/{token}", .session)
  /// Revokes an API token.
  package static let revokeToken = Endpoint<Empty, Empty>(
    .delete, "/v1/me/tokens/{token}", .session, changes: .sessions, success: 204)
  /// Revokes all API tokens of the caller.
  package static let revokeTokens = Endpoint<Empty, Empty>(
    .delete, "/v1/me/tokens", .session, changes: .sessions, success: 204)
  /// The public keys of ssh with which the caller signs in, newest first.
  package static let sshKeys = Endpoint<Empty, Page<SSHKey>>(
    get: "/v1/me/keys", .session, query: ["limit", "cursor"])
  /// Adds a public key.
  package static let addSSHKey = Endpoint<NewSSHKey, SSHKey>(
    .post, "/v1/me/keys", .session, changes: .user, success: 201)
  /// One public key.
  package static let sshKey = Endpoint<Empty, SSHKey>(get: "/v1/me/keys/{key}", .session)
  /// Removes a public key, and ends the sessions that it began.
  package static let removeSSHKey = Endpoint<Empty, Empty>(
    .delete, "/v1/me/keys/{key}", .session, changes: .sessions, success: 204)
  /// The small files that clients keep with the account of the caller, in the order of their names, without their
  /// content.
  package static let accountFiles = Endpoint<Empty, Page<AccountFile>>(
    get: "/v1/me/files", .session, query: ["limit", "cursor"])
  /// One file with its content.
  package static let accountFile = Endpoint<Empty, AccountFile>(get: "/v1/me/files/{file}", .session)
  /// Writes a file, or replaces it.
  package static let writeAccountFile = Endpoint<NewAccountFile, AccountFile>(
    .put, "/v1/me/files/{file}", .session, changes: .user)
  /// Removes a file.
  package static let removeAccountFile = Endpoint<Empty, Empty>(
    .delete, "/v1/me/files/{file}", .session, changes: .user, success: 204)
  /// Makes an address to which a photo or a receipt can be sent once, without a session.
  package static let createUpload = Endpoint<NewUpload, UploadAddress>(
    .post, "/v1/me/uploads", .session, changes: .nothing, success: 201)
  /// Sends the photo or the receipt of an upload address; the body is the file. `?name=` is the name of a receipt.
  package static let upload = Endpoint<Bytes, UploadedFile>(
    .put, "/v1/uploads", .anyone, changes: .membership, query: ["name"])
  /// The page of an upload address, for a browser; with `?for=receipt` that of a receipt.
  package static let uploadPage = Endpoint<Empty, Bytes>(get: "/upload", .anyone, query: ["for"])
  /// The state of the second factor: on or off, and the number of recovery codes that are left.
  package static let secondFactor = Endpoint<Empty, SecondFactor>(get: "/v1/me/second-factor", .session)
  /// Gives the secret for an authenticator app. Nothing changes until one of its codes is confirmed.
  package static let beginSecondFactor = Endpoint<NewSecondFactor, PendingSecondFactor>(
    .post, "/v1/me/second-factor", .session, changes: .nothing, success: 201)
  /// Turns the second factor on with a code of the app; only this response has the recovery codes.
  package static let confirmSecondFactor = Endpoint<SecondFactorConfirmation, RecoveryCodes>(
    .put, "/v1/me/second-factor", .session, changes: .user)
  /// Turns the second factor off.
  package static let removeSecondFactor = Endpoint<SecondFactorRemoval, Empty>(
    .delete, "/v1/me/second-factor", .session, changes: .user, success: 204)

  // Groups
  /// The groups of the caller, newest first. `?archived=true` lists the archived ones instead,
  /// `?deleted=true` the deleted ones that the caller can restore.
  package static let groups = Endpoint<Empty, Page<Group>>(
    get: "/v1/groups", .user, query: ["archived", "deleted", "limit", "cursor"])
  /// Makes a group; the caller becomes its first member and owner.
  package static let createGroup = Endpoint<NewGroup, Group>(
    .post, "/v1/groups", .user, changes: .newGroup, success: 201)
  /// One group.
  package static let group = Endpoint<Empty, Group>(get: "/v1/groups/{group}", .member(.read))
  /// Renames, archives or closes a group up to a day, or restricts members to changing their own entries;
  /// needs `If-Match`.
  package static let changeGroup = Endpoint<GroupChange, Group>(
    .patch, "/v1/groups/{group}", .member(.administer), changes: .group)
  /// Deletes a group that is settled; `?force=true` deletes any group. It can be restored for 30 days.
  package static let deleteGroup = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}", .member(.own), changes: .group, success: 204, query: ["force"])
  /// Restores a deleted group.
  package static let restoreGroup = Endpoint<Empty, Group>(
    .post, "/v1/groups/{group}/restore", .member(.own), changes: .group)
  /// Hands the group over to another member with an account; the former owner becomes an admin.
  package static let handOver = Endpoint<NewOwner, Group>(
    .put, "/v1/groups/{group}/owner", .member(.own), changes: .group)
  /// Leaves the group. Refused while the balance of the caller is not zero, and to the owner while other
  /// members have an account. With an owner who is the last one, the group is deleted.
  package static let leaveGroup = Endpoint<Empty, Empty>(
    .post, "/v1/groups/{group}/leave", .member(.leave), changes: .group, success: 204)
  /// Sets the group's photo; the body is the picture.
  package static let setGroupPhoto = Endpoint<Bytes, Photo>(
    .put, "/v1/groups/{group}/photo", .member(.enter), changes: .group)
  /// The group's photo; `?size=` is `large`, `small` or `preview`.
  package static let groupPhoto = Endpoint<Empty, Bytes>(
    get: "/v1/groups/{group}/photo", .member(.read), query: ["size"])
  /// Removes the group's photo.
  package static let removeGroupPhoto = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/photo", .member(.enter), changes: .group, success: 204)

  // Members
  /// The members, in the order in which they joined. `?removed=true` lists the former ones too, `?since=` a
  /// sequence those that changed after it, in the order of their changes.
  package static let members = Endpoint<Empty, Page<Member>>(
    get: "/v1/groups/{group}/members", .member(.read), query: ["removed", "since", "limit", "cursor"])
  /// Adds a guest: a member without an account.
  package static let addMember = Endpoint<NewMember, Member>(
    .post, "/v1/groups/{group}/members", .member(.enter), changes: .group, success: 201)
  /// One member; former ones too.
  package static let member = Endpoint<Empty, Member>(
    get: "/v1/groups/{group}/members/{member}", .member(.read))
  /// Renames a member, changes their weight or, for an admin, their role; needs `If-Match`. Members change
  /// themselves and guests, admins all members but the owner.
  package static let changeMember = Endpoint<MemberChange, Member>(
    .patch, "/v1/groups/{group}/members/{member}", .member(.amend), changes: .group)
  /// Removes a member whose balance is zero; `?force=true` removes any member, and the balance stays in the
  /// books until it is settled.
  package static let removeMember = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/members/{member}", .member(.manage), changes: .group, success: 204,
    query: ["force"])
  /// A member's profile photo; `?size=` is `large`, `small` or `preview`.
  package static let memberPhoto = Endpoint<Empty, Bytes>(
    get: "/v1/groups/{group}/members/{member}/photo", .member(.read), query: ["size"])

  // Invites
  /// The invites that can still be used, oldest first.
  package static let invites = Endpoint<Empty, Page<Invite>>(
    get: "/v1/groups/{group}/invites", .member(.manage), query: ["limit", "cursor"])
  /// Makes an invite: its code lets a user join the group, or take the place of a guest.
  package static let createInvite = Endpoint<NewInvite, Invite>(
    .post, "/v1/groups/{group}/invites", .member(.manage), changes: .group, success: 201)
  /// Revokes an invite.
  package static let revokeInvite = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/invites/{invite}", .member(.manage), changes: .group, success: 204)
  /// Describes an invite by its code; nothing changes.
  package static let lookUpInvite = Endpoint<InviteCode, Invitation>(
    .post, "/v1/invites/lookup", .user, changes: .nothing)
  /// Joins the group of an invite by its code; nothing changes for a caller who is a member already.
  package static let acceptInvite = Endpoint<InviteCode, Group>(
    .post, "/v1/invites/accept", .user, changes: .membership)

  // The books
  /// All entries, latest first. `?kind=` and `?member=` filter them, `?from=` and `?to=` are days,
  /// `?deleted=true` lists the deleted ones too, `?q=` is a filter such as `rent paid:anna`, and `?totals=true` adds up
  /// all that are found. `?since=` a sequence lists the entries that were entered, changed, deleted, restored or
  /// commented on after it, in the order of the changes.
  package static let entries = Endpoint<Empty, Page<Entry>>(
    get: "/v1/groups/{group}/entries", .member(.read),
    query: ["q", "totals", "kind", "member", "from", "to", "deleted", "since", "limit", "cursor"])
  /// The entries of all groups of the caller, latest first; `?q=`, `?totals=` and `?deleted=` as for one group.
  package static let myEntries = Endpoint<Empty, Page<FoundEntry>>(
    get: "/v1/me/entries", .user, query: ["q", "totals", "deleted", "limit", "cursor"])
  /// One entry, deleted ones too; `{entry}` is its id or its number.
  package static let entry = Endpoint<Empty, Entry>(get: "/v1/groups/{group}/entries/{entry}", .member(.read))
  /// Deletes an entry: it no longer counts in the balances, and its history stays.
  package static let deleteEntry = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/entries/{entry}", .member(.revise), changes: .books, success: 204)
  /// Restores a deleted entry: it counts in the balances again.
  package static let restoreEntry = Endpoint<Empty, Entry>(
    .post, "/v1/groups/{group}/entries/{entry}/restore", .member(.revise), changes: .books)
  /// The changes of an entry, oldest first, with author and time: old and new value of every field.
  package static let history = Endpoint<Empty, History>(
    get: "/v1/groups/{group}/entries/{entry}/history", .member(.read), query: ["limit", "cursor"])
  /// The comments on an entry, oldest first.
  package static let comments = Endpoint<Empty, Page<Comment>>(
    get: "/v1/groups/{group}/entries/{entry}/comments", .member(.read), query: ["limit", "cursor"])
  /// Comments on an entry.
  package static let createComment = Endpoint<NewComment, Comment>(
    .post, "/v1/groups/{group}/entries/{entry}/comments", .member(.enter), changes: .books, success: 201)

  // Receipts
  /// Adds or replaces a receipt of an entry, with a number from 1 to 10; the body is the picture or the PDF. `?name=` is the
  /// name of the file.
  package static let setReceipt = Endpoint<Bytes, Entry>(
    .put, "/v1/groups/{group}/entries/{entry}/receipts/{receipt}", .member(.revise), changes: .books,
    query: ["name"])
  /// A receipt as it was sent; `?size=preview` is a small picture for terminals.
  package static let receipt = Endpoint<Empty, Bytes>(
    get: "/v1/groups/{group}/entries/{entry}/receipts/{receipt}", .member(.read), query: ["size"])
  /// Removes a receipt of an entry; its name and hash stay in the history.
  package static let removeReceipt = Endpoint<Empty, Entry>(
    .delete, "/v1/groups/{group}/entries/{entry}/receipts/{receipt}", .member(.revise), changes: .books)
  /// The receipts of the entries from a day to another as a zip file.
  package static let receipts = Endpoint<Empty, Bytes>(
    get: "/v1/groups/{group}/receipts.zip", .member(.read), query: ["from", "to"])

  // Categories
  /// The categories, in the order in which they were made. `?removed=true` lists the removed ones too, `?since=` a
  /// sequence those that changed after it, in the order of their changes.
  package static let categories = Endpoint<Empty, Page<Category>>(
    get: "/v1/groups/{group}/categories", .member(.read), query: ["removed", "since", "limit", "cursor"])
  /// Adds a category.
  package static let addCategory = Endpoint<NewCategory, Category>(
    .post, "/v1/groups/{group}/categories", .member(.enter), changes: .group, success: 201)
  /// Adds the standard categories whose names are not taken.
  package static let addStandardCategories = Endpoint<Empty, Page<Category>>(
    .post, "/v1/groups/{group}/categories/standard", .member(.enter), changes: .group)
  /// One category, removed ones too.
  package static let category = Endpoint<Empty, Category>(
    get: "/v1/groups/{group}/categories/{category}", .member(.read))
  /// Renames, moves or archives a category; needs `If-Match`. No entry changes.
  package static let changeCategory = Endpoint<CategoryChange, Category>(
    .patch, "/v1/groups/{group}/categories/{category}", .member(.revise), changes: .group)
  /// Removes a category. `?into=` is the category that its entries get, or `none`; it is required when there are any.
  package static let removeCategory = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/categories/{category}", .member(.manage), changes: .group, success: 204,
    query: ["into"])

  // Recurring entries
  /// The rules, in the order in which they were made. `?removed=true` lists the removed ones too, `?since=` a sequence
  /// those that changed after it, in the order of their changes.
  package static let recurring = Endpoint<Empty, Page<Recurring>>(
    get: "/v1/groups/{group}/recurring", .member(.read), query: ["removed", "since", "limit", "cursor"])
  /// Makes a rule. The worker books what is due.
  package static let makeRecurring = Endpoint<NewRecurring, Recurring>(
    .post, "/v1/groups/{group}/recurring", .member(.enter), changes: .books, success: 201)
  /// One rule, removed ones too.
  package static let recurringRule = Endpoint<Empty, Recurring>(
    get: "/v1/groups/{group}/recurring/{rule}", .member(.read))
  /// Changes a rule from its next entry on; needs `If-Match`.
  package static let changeRecurring = Endpoint<RecurringChange, Recurring>(
    .patch, "/v1/groups/{group}/recurring/{rule}", .member(.revise), changes: .books)
  /// Removes a rule. What it booked stays.
  package static let removeRecurring = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/recurring/{rule}", .member(.revise), changes: .books, success: 204)
  /// The next entries of a rule, `?n=` of them.
  package static let recurringPreview = Endpoint<Empty, Page<PlannedOccurrence>>(
    get: "/v1/groups/{group}/recurring/{rule}/preview", .member(.read), query: ["n"])
  /// The days of a rule that have come, latest first.
  package static let occurrences = Endpoint<Empty, Page<Occurrence>>(
    get: "/v1/groups/{group}/recurring/{rule}/occurrences", .member(.read),
    query: ["state", "limit", "cursor"])
  /// Books a proposal.
  package static let confirmOccurrence = Endpoint<Empty, Entry>(
    .post, "/v1/groups/{group}/recurring/{rule}/occurrences/{k}/confirm", .member(.enter), changes: .books)
  /// Skips a proposal.
  package static let skipOccurrence = Endpoint<Empty, Occurrence>(
    .post, "/v1/groups/{group}/recurring/{rule}/occurrences/{k}/skip", .member(.enter), changes: .books)

  // Expenses, payments, the kitty
  /// The expenses, latest first; `?deleted=true` lists the deleted ones too; `?since=` as for all entries.
  package static let expenses = Endpoint<Empty, Page<Entry>>(
    get: "/v1/groups/{group}/expenses", .member(.read), query: ["deleted", "since", "limit", "cursor"])
  /// Enters an expense; `?dryRun=true` returns the result and writes nothing.
  package static let createExpense = Endpoint<NewExpense, Entered>(
    .post, "/v1/groups/{group}/expenses", .member(.enter), changes: .books, success: 201, query: ["dryRun"])
  /// One expense, deleted ones too.
  package static let expense = Endpoint<Empty, Entry>(
    get: "/v1/groups/{group}/expenses/{expense}", .member(.read))
  /// Changes an expense; needs `If-Match`.
  package static let changeExpense = Endpoint<ExpenseChange, Entered>(
    .patch, "/v1/groups/{group}/expenses/{expense}", .member(.revise), changes: .books, query: ["dryRun"])
  /// Deletes an expense: it no longer counts in the balances, and its history stays.
  package static let deleteExpense = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/expenses/{expense}", .member(.revise), changes: .books, success: 204)

  /// The payments, contributions and payouts, latest first; `?deleted=true` lists the deleted ones too;
  /// `?since=` as for all entries.
  package static let payments = Endpoint<Empty, Page<Entry>>(
    get: "/v1/groups/{group}/payments", .member(.read), query: ["deleted", "since", "limit", "cursor"])
  /// Enters a payment between two members, or into or out of the kitty.
  package static let createPayment = Endpoint<NewPayment, Entered>(
    .post, "/v1/groups/{group}/payments", .member(.enter), changes: .books, success: 201, query: ["dryRun"])
  /// One payment, deleted ones too.
  package static let payment = Endpoint<Empty, Entry>(
    get: "/v1/groups/{group}/payments/{payment}", .member(.read))
  /// Changes a payment; needs `If-Match`.
  package static let changePayment = Endpoint<PaymentChange, Entered>(
    .patch, "/v1/groups/{group}/payments/{payment}", .member(.revise), changes: .books, query: ["dryRun"])
  /// Deletes a payment: it no longer counts in the balances, and its history stays.
  package static let deletePayment = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/payments/{payment}", .member(.revise), changes: .books, success: 204)

  /// The money in the kitty, and how much of the agreed amounts members have put in.
  package static let kitty = Endpoint<Empty, Kitty>(
    get: "/v1/groups/{group}/kitty", .member(.read), query: ["limit", "cursor"])
  /// Sets the amounts that members have agreed to put into the kitty.
  package static let setTargets = Endpoint<TargetsChange, Kitty>(
    .put, "/v1/groups/{group}/kitty/targets", .member(.enter), changes: .books)
  /// Enters the money that was counted in the kitty; the difference is shared.
  package static let createCount = Endpoint<NewCount, Entered>(
    .post, "/v1/groups/{group}/kitty/counts", .member(.enter), changes: .books, success: 201,
    query: ["dryRun"])

  /// The balances of the members and the kitty, per currency; `?at=` a day counts the entries dated up to it.
  package static let balances = Endpoint<Empty, Balances>(
    get: "/v1/groups/{group}/balances", .member(.read), query: ["at"])
  /// The balances of the caller over all their groups.
  package static let myBalances = Endpoint<Empty, MyBalances>(
    get: "/v1/me/balances", .user, query: ["limit", "cursor"])
  /// Every posting to one account with the running balance. `{account}` is a member's id or `kitty`, `?from=`
  /// and `?to=` are days, `?currency=` is the currency of the group when left out.
  package static let statement = Endpoint<Empty, Statement>(
    get: "/v1/groups/{group}/accounts/{account}/statement", .member(.read),
    query: ["currency", "from", "to", "limit", "cursor"])
  /// The debts between members, unsimplified.
  package static let debts = Endpoint<Empty, Debts>(get: "/v1/groups/{group}/debts", .member(.read))
  /// The payments that settle everything; `?centre=` a member's id or `kitty` routes them all through one
  /// account. `?keep=kitty` leaves each present member a part of the kitty, `?by=` says which: `equal`, `weights` or
  /// `contributed`.
  package static let settlement = Endpoint<Empty, SettlementPlan>(
    get: "/v1/groups/{group}/settlement", .member(.read), query: ["centre", "keep", "by"])
  /// The settling rounds, latest first; `?since=` a sequence lists those that were begun or ended after it.
  package static let rounds = Endpoint<Empty, Page<SettlingRound>>(
    get: "/v1/groups/{group}/settlements", .member(.read), query: ["since", "limit", "cursor"])
  /// Begins a settling round: keeps a plan, whose payments stay as they are until each is booked.
  package static let createRound = Endpoint<NewSettlingRound, SettlingRound>(
    .post, "/v1/groups/{group}/settlements", .member(.enter), changes: .books, success: 201)
  /// One settling round.
  package static let round = Endpoint<Empty, SettlingRound>(
    get: "/v1/groups/{group}/settlements/{settlement}", .member(.read))
  /// Books one payment of a round. Repeated, it changes nothing.
  package static let bookPayment = Endpoint<Empty, RoundPayment>(
    .post, "/v1/groups/{group}/settlements/{settlement}/payments/{number}", .member(.enter), changes: .books)
  /// Ends a round: its open payments are void from then on. Repeated, it changes nothing.
  package static let endRound = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/settlements/{settlement}", .member(.enter), changes: .books, success: 204)

  /// The spending of the group. `?by=` is one or two of day, week, month, year, category, tag, member, payer and kind, with a
  /// comma between them; `?from=` and `?to=` are days; `?q=` is a filter of the entries.
  package static let statistics = Endpoint<Empty, Statistics>(
    get: "/v1/groups/{group}/statistics", .member(.read), query: ["by", "from", "to", "q"])
  /// The balances at the ends of days, weeks, months or years (`?every=`). `?account=` is a member's id or `kitty`,
  /// `?from=` and `?to=` are days.
  package static let balanceSeries = Endpoint<Empty, BalanceSeries>(
    get: "/v1/groups/{group}/balances/series", .member(.read), query: ["every", "account", "from", "to"])
  /// A picture of the spending, the balances or the kitty: `{chart}` is `spending.svg`, `balances.svg` or `kitty.svg`.
  /// `?by=`, `?q=` and `?every=` are as for the numbers, `?account=` is one account of the balances, `?currency=` is the currency
  /// of the group when left out, `?format=csv` gives the numbers.
  package static let chart = Endpoint<Empty, Bytes>(
    get: "/v1/groups/{group}/charts/{chart}", .member(.read),
    query: ["by", "every", "account", "currency", "from", "to", "q", "format"])
}

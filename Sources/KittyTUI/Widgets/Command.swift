/// A command to a screen, given by a key.
enum Command: String, Hashable, CaseIterable, Sendable {
  case up, down, top, bottom, pageUp, pageDown, open, back, quit, help, refresh, filter, nextPanel,
    previousPanel
  case submit, complete, toggle, toggleAll, newGroup, rename, archive, addExpense, addLine, addMember, remove,
    photo,
    myPhoto, pay, settle, edit, undo, count, comment, more,
    kitty, balances, statistics, payOut, statement, debts, deleteGroup, join, invites, newInvite, copy
  case members, settings, deleted, setRole, handOver, leaveGroup, former, centre, importGroup, export
  case categories, recurring, newCategory, standardCategories, newRule, confirm, skip, receipts, newReceipt
  case signOut, switchSignUp, toggleArchived, drafts
  case you, forgotten, removeAll, another, invert
  case tick, tickAll, tickMine, copyText
  case keepKitty, beginRound, endRound, qrCode, refund
  case palette, narrower, wider, before, after, firstPanel, secondPanel
  case lastError
}

import Hummingbird
import KittyShared

/// The HTTP face of expenses.
struct ExpenseController: Sendable {
  let entries: EntryController
  let bookkeeping: Bookkeeping

  func register(on routes: inout Routes) {
    routes.on(Endpoints.expenses) { call in try await entries.list(call, kinds: [.expense]) }
    routes.create(Endpoints.createExpense, create, replaysFromStore: true) { id, call in
      try await entries.firstReply(id, call)
    }
    routes.on(Endpoints.expense) { call in
      let expense = try await find(call)
      return Reply(expense).withETag(expense.version)
    }
    routes.change(Endpoints.changeExpense, change) { call in .changed(.entry(try await find(call))) }
    routes.on(Endpoints.deleteExpense) { call in
      try await entries.delete(call, "expense", kinds: [.expense])
    }
  }

  private func find(_ call: Call) async throws -> Entry {
    try await entries.find(call, "expense", kinds: [.expense])
  }

  private func create(_ input: NewExpense, _ call: Call) async throws -> Reply<Entered> {
    let caller = try call.caller(isDryRun: call.flag("dryRun"))
    let entered = try await bookkeeping.enter(input, id: input.id ?? call.newID, by: caller)
    return .created(entered, in: caller.group)
  }

  private func change(_ input: ExpenseChange, _ call: Call) async throws -> Reply<Entered> {
    let expense = try await find(call)
    let caller = try call.caller(isDryRun: call.flag("dryRun"))
    return .changed(
      try await bookkeeping.change(expense, input, version: try call.version(required: true), by: caller))
  }
}

import Hummingbird
import KittyShared

/// The HTTP face of expenses: decodes, calls the rule, calls the store, replies.
struct ExpenseController: Sendable {
  let entries: EntryController

  func register(on routes: inout Routes) {
    routes.on(Endpoints.expenses) { call in try await entries.list(call, kinds: [.expense]) }
    routes.create(Endpoints.createExpense, create, replaysFromStore: true) { id, call in
      try await entries.reply(id, call)
    }
    routes.on(Endpoints.expense) { call in
      let expense = try await find(call)
      return Reply(expense).withETag(expense.version)
    }
    routes.change(Endpoints.changeExpense, change) { call in
      let expense = try await find(call)
      return Reply(.entry(expense)).withETag(expense.version)
    }
    routes.on(Endpoints.deleteExpense) { call in
      try await entries.delete(call, "expense", kinds: [.expense])
    }
  }

  private func find(_ call: Call) async throws -> Entry {
    try await entries.find(call, "expense", kinds: [.expense])
  }

  private func create(_ input: NewExpense, _ call: Call) async throws -> Reply<Entered> {
    let currency = try call.member.currency
    return try await entries.enter(call, id: input.id) { id, people in
      try Ledger.content(for: input, seed: id, currency: currency, people: people, today: call.now.day)
    }
  }

  private func change(_ input: ExpenseChange, _ call: Call) async throws -> Reply<Entered> {
    let expense = try await find(call)
    let currency = try call.member.currency
    return try await entries.change(call, expense) { old, people in
      try Ledger.content(
        for: try input.applied(to: old), seed: expense.id, currency: currency, people: people,
        today: call.now.day)
    }
  }
}

extension EntryController {
  /// What a request to enter something was answered: it is on record, and need not be kept twice.
  func reply(_ id: ID, _ call: Call) async throws -> Reply<Entered> {
    guard let entry = try await entries.asEntered(id, in: call.member.group) else {
      throw Rejection.notFound("entry")
    }
    return Reply(.entry(entry)).withETag(entry.version)
      .withLocation(Self.path(of: entry, in: try call.member.group))
  }
}

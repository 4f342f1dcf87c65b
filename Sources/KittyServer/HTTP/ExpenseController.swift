import Hummingbird
import KittyShared

/// The HTTP face of expenses and balances: decodes, calls the rule, calls the store, replies.
struct ExpenseController: Sendable {
  let expenses: ExpenseStore
  let members: MemberStore

  func register(on routes: inout Routes) {
    routes.on(Endpoints.expenses, list)
    routes.on(Endpoints.createExpense, create)
    routes.on(Endpoints.expense) { call in
      let expense = try await find(call)
      return Reply(expense).tagged(expense.version)
    }
    routes.on(Endpoints.deleteExpense, delete)
    routes.on(Endpoints.balances) { call in
      let member = try call.member
      return Reply(
        Balances(balances: try await expenses.balances(in: member.group, currency: member.currency)))
    }
  }

  private func list(_ call: Call) async throws -> Reply<Page<Expense>> {
    let page = try call.page()
    let before = try page.cursor.map { text in
      let keys = try Cursor.unpack(text, count: 2)
      guard let date = Day(keys[0]), let number = Int64(keys[1]) else { throw Cursor.invalid }
      return (date, number)
    }
    let found = try await expenses.list(in: call.member.group, limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.date, $0.number) }
  }

  private func create(_ input: NewExpense, _ call: Call) async throws -> Reply<Expense> {
    let member = try call.member
    let entry = try Ledger.entry(
      for: input, id: input.id ?? ID(at: call.now),
      group: GroupCurrency(id: member.group, currency: member.currency),
      present: await members.present(in: member.group), by: member.member, at: call.now)
    let number = try await expenses.insert(entry)
    let expense = Expense(entry, number: number)
    return Reply(expense).tagged(expense.version)
      .located(Endpoints.expense.route.path([member.group, expense.id]))
  }

  private func find(_ call: Call) async throws -> Expense {
    guard let expense = try await expenses.find(call.id("expense"), in: call.member.group) else {
      throw Problem.notFound("expense")
    }
    return expense
  }

  private func delete(_ call: Call) async throws {
    let member = try call.member
    let version = try call.version(required: false)
    let id = try call.id("expense")
    if try await expenses.delete(id, in: member.group, version: version, by: member.member, at: call.now) {
      return
    }
    let expense = try await find(call)
    // Deleted already: what was asked for is the case.
    guard expense.deletedAt != nil else { throw Call.stale }
  }
}

extension Expense {
  /// The expense that an entry has become.
  init(_ entry: Entry, number: Int64) {
    self.init(
      id: entry.id, number: number, description: entry.description, amount: entry.amount.minorUnits,
      currency: entry.amount.currency, date: entry.date,
      payer: entry.postings.first { $0.kind == .paid }?.account ?? entry.createdBy,
      shares: entry.postings.filter { $0.kind == .share }
        .map { Split.Share(member: $0.account, amount: -$0.amount.minorUnits) },
      createdBy: entry.createdBy, createdAt: entry.createdAt, deletedAt: nil, version: 1)
  }
}

import ArgumentParser
import KittyShared

/// `kittycash categories`.
struct CategoriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "categories",
    abstract: "List, add, rename, move, archive and remove the categories of a group.",
    discussion: "\"kittycash categories standard GROUP\" adds the usual ones to begin with.",
    subcommands: [List.self, Add.self, Standard.self, Rename.self, Move.self, Archive.self, Remove.self],
    defaultSubcommand: List.self)

  /// `kittycash categories list`.
  struct List: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the categories of a group.",
      discussion: "--plain: id, name, id of the category above or nothing, archived or nothing.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let answer = try await connection.ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.categories, [id])
      }
      return CategoriesCommand.report(answer.value, json: answer.bytes)
    }
  }

  /// `kittycash categories add`.
  struct Add: ReportingCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a category.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Option(help: "The category above it; without it, the new one is on the upper level.") var below: String?
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: "Its name.") var name: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      var new = NewCategory(id: ID(at: .now), name: name)
      if let below { new.parent = try await connection.category(below, in: id).id }
      do throws(Rejection) { new = try new.checked() } catch {
        throw CommandFailure(.usage, error.errors?.first?.message ?? error.detail)
      }
      let request = new
      let added: Category = try await connection.ask { (api) throws(ClientFailure) in
        try await api.create(Endpoints.addCategory, [id], request)
      }
      return try CategoriesCommand.report(added, "Added \(added.name).")
    }
  }

  /// `kittycash categories standard`.
  struct Standard: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "standard", abstract: "Add the standard categories, such as Food and Rent.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let page: Page<Category> = try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(Endpoints.addStandardCategories, [id])
      }
      do { return CategoriesCommand.report(page.items, json: try JSON.bytes(of: page)) } catch {
        throw CommandFailure(.failed, "The answer cannot be written: \(error)")
      }
    }
  }

  /// `kittycash categories rename`.
  struct Rename: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "rename", abstract: "Give a category another name. Its entries keep it.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: "Its name or its id.") var category: String
    @Argument(help: "The new name.") var name: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let changed = try await connection.change(category, in: id, CategoryChange(name: name))
      return try CategoriesCommand.report(changed, "Renamed to \(changed.name).")
    }
  }

  /// `kittycash categories move`.
  struct Move: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "move", abstract: "Put a category below another, or on the upper level.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Option(help: "The category above it; without it, the category goes to the upper level.") var below:
      String?
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: "Its name or its id.") var category: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      var change = CategoryChange(parent: .clear)
      if let below { change.parent = .set(try await connection.category(below, in: id).id) }
      let changed = try await connection.change(category, in: id, change)
      return try CategoriesCommand.report(changed, "Moved \(changed.name).")
    }
  }

  /// `kittycash categories archive`.
  struct Archive: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "archive", abstract: "Keep a category on its entries, and offer it for no new one.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Flag(help: "Take it into use again.") var undo = false
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: "Its name or its id.") var category: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let changed = try await connection.change(category, in: id, CategoryChange(archived: !undo))
      return try CategoriesCommand.report(
        changed, "\(changed.name) is \(undo ? "in use again" : "archived").")
    }
  }

  /// `kittycash categories remove`.
  struct Remove: ScriptCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Remove a category. Its entries get another one, or none.")

    @OptionGroup var serverOption: ServerOption
    @Option(help: "The category that its entries get, or none. Needed when there are any.") var into: String?
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: "Its name or its id.") var category: String

    func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
      let connection = try Connection(serverOption, environment).signedIn()
      let id = try await connection.group(group)
      let found = try await connection.category(category, in: id, isWhole: true)
      var other: String?
      if let into { other = into == "none" ? into : "\(try await connection.category(into, in: id).id)" }
      let query = other.map { [("into", $0)] } ?? []
      try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(Endpoints.removeCategory, [id, found.id], query: query)
      }
      environment.printMessage("Removed \(SafeText(found.name)).")
    }
  }

  private static func report(_ categories: [Category], json: [UInt8]) -> Report {
    let names = Dictionary(categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    func path(_ category: Category) -> SafeText {
      category.parent.flatMap { names[$0] }.map { "\($0) › \(category.name)" } ?? SafeText(category.name)
    }
    var report = Report(json: json)
    report.tables = [
      Table(
        columns: [.init("Category"), .init("")],
        rows: categories.map { [.init(path($0)), .init($0.archivedAt == nil ? "" : "archived")] }
          .sorted { $0[0].text.string.folded < $1[0].text.string.folded })
    ]
    report.fields = categories.map(fields)
    if categories.isEmpty {
      report.note = "This group has no categories. Add the usual ones: kittycash categories standard GROUP"
    }
    return report
  }

  private static func fields(_ category: Category) -> [SafeText] {
    [
      "\(category.id)", "\(category.name)", category.parent.map { "\($0)" } ?? "",
      category.archivedAt == nil ? "" : "archived",
    ]
  }

  private static func report(_ category: Category, _ note: SafeText) throws(CommandFailure) -> Report {
    var report: Report
    do { report = Report(json: try JSON.bytes(of: category)) } catch {
      throw CommandFailure(.failed, "The answer cannot be written: \(error)")
    }
    report.fields = [fields(category)]
    report.note = note
    return report
  }
}

extension Connection {
  /// Finds a category of a group by its id, its name, the beginning of its name, or the names of its parent and itself with a
  /// slash between them, in any case.
  /// - Parameter isWhole: `true` where the beginning of a name is not enough.
  /// - Throws: `CommandFailure` when none matches, or several do.
  func category(
    _ text: String, in group: ID, isWhole: Bool = false
  ) async throws(CommandFailure) -> Category {
    let all = try await ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.categories, [group]).value
    }
    if let id = ID(text), let found = all.first(where: { $0.id == id }) { return found }
    func path(_ category: Category) -> String {
      let parent = all.first { $0.id == category.parent }
      return parent.map { "\($0.name)/\(category.name)" } ?? category.name
    }
    var match = NameMatch(text, in: all.map { ($0.name, $0) })
    if case .none = match { match = NameMatch(text, in: all.map { (path($0), $0) }) }
    switch match {
    case .one(let category)
    where !isWhole || [category.name.nameKey, path(category).nameKey].contains(text.nameKey):
      return category
    case .several(let found):
      throw CommandFailure(
        .usage,
        "\"\(text)\" could be \(found.map { "\"\(path($0.value))\"" }.listed("or")). Write more of the name.")
    case .one, .none:
      throw CommandFailure(
        .notFound,
        "This group has no category whose name is \(isWhole ? "" : "or begins with ")\"\(text)\".")
    }
  }

  /// Changes a category, on top of its present version.
  fileprivate func change(
    _ text: String, in group: ID, _ change: CategoryChange
  ) async throws(CommandFailure) -> Category {
    let old = try await category(text, in: group)
    let checked: CategoryChange
    do throws(Rejection) { checked = try change.checked() } catch {
      throw CommandFailure(.usage, error.errors?.first?.message ?? error.detail)
    }
    return try await ask { (api) throws(ClientFailure) in
      try await api.call(
        Endpoints.changeCategory, [group, old.id], body: checked, ifMatch: old.version)
    }
  }
}

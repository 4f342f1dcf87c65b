import KittyShared
import Testing

@testable import KittyTUI

/// The lines of the import form for what a table leaves open: the roles of columns, and texts that may be no names.
struct ImportColumnTests {
  private let group = Fixtures.group().id
  private let path = "~/alps.csv"

  private func previewing(_ change: (inout ImportWishes) -> Void) -> Effect {
    var wishes = ImportWishes()
    change(&wishes)
    return .previewImport(.group(group), path: path, wishes)
  }

  private func refusal(_ code: String, _ message: String = "No.", field: String) -> ClientFailure {
    .rejected(.invalid(field, code, message))
  }

  @Test func columnsOfATableAreNamed() {
    var (state, effect) = ImportGoldens.asked()
    state.get(.failed(effect, refusal("unknown_format", field: "format")))
    state.finish(effect)
    // The table is marked, since no reader knows the file.
    state.press(.enter)
    state.type("Päivä")
    state.press(.tab)
    state.type("Summa")
    state.press(.control("s"))
    let wished = previewing { wishes in
      (wishes.format, wishes.columns) = (.csv, ["date": "Päivä", "amount": "Summa"])
    }
    #expect(state.get(.importFound(path: path, isExport: false)) == [wished])
    state.finish(.lookAtImport(path: path))
    state.get(.failed(wished, refusal("column_missing", "No payer. Name it with columns=.", field: "line 1")))
    state.finish(wished)
    // The first one without a title.
    state.type("Maksaja")
    #expect(state.text.contains("> Payer         Maksaja"), "\(state.text)")
  }

  /// A table with columns that may say who owes what.
  private static func unknown(_ columns: [String]) -> ClientFailure {
    let message =
      "It is not known what these columns do to balances. Give each a role with columns=; ignored ones are not read."
    return .rejected(
      .invalid([FieldError(field: "line 1", code: "unknown_column", message: message, columns: columns)]))
  }

  @Test func rolesOfColumnsAreChosen() throws {
    var (state, effect) = ImportGoldens.asked()
    state.get(.failed(effect, Self.unknown(["#2", "Owner", "Signed by"])))
    state.finish(effect)
    #expect(state.text.contains("what these columns do to balances. Choose a role"), "\(state.text)")
    #expect(!state.text.contains("columns="))
    for label in ["> Column 2", "\"Owner\"", "\"Signed by\""] {
      #expect(state.text.contains(label), "\(state.text)")
    }
    // Nothing is chosen by itself.
    #expect(state.top.isEditing && state.text.contains("no role yet"))
    state.type("not r")
    state.press(.enter)
    state.type("payer")
    state.press(.enter)
    state.type("not r")
    #expect(state.press(.enter) == [.lookAtImport(path: path)], "\(state.text)")
    let roles = ["payer": "Owner", "ignore": "#2;Signed by"]
    let wished = previewing { $0.columns = roles }
    #expect(state.get(.importFound(path: path, isExport: false)) == [wished])
    state.finish(.lookAtImport(path: path))
    // The choices stay in the draft.
    let draft = try #require(state.top.draft)
    let again = try #require(ImportForm(Fixtures.data, draft: draft))
    #expect(again.form["role.Owner"] == "payer" && again.form["role.#2"] == "not read")
    var reopened = Fixtures.state(again)
    reopened.press(.control("s"))
    #expect(reopened.get(.importFound(path: path, isExport: false)) == [wished])
    // The next columns are asked for, and those of before stay.
    state.get(.failed(wished, Self.unknown(["Rate"])))
    state.finish(wished)
    #expect(state.text.contains("> \"Rate\"") && state.text.contains("not read"), "\(state.text)")
    state.type("not r")
    state.press(.enter)
    let more = previewing { $0.columns = ["payer": "Owner", "ignore": "#2;Signed by;Rate"] }
    #expect(state.get(.importFound(path: path, isExport: false)) == [more])
    state.get(.importPreviewed(Fixtures.importReport))
    #expect(state.text.contains("Would import"), "\(state.text)")
  }

  @Test func textsThatMayBeNoNamesAreAskedFor() throws {
    var (state, effect) = ImportGoldens.asked()
    let message =
      "\"Ann and Bob\" may be something else than the name of one member. If it is a name, say so with map={}."
    let fault = FieldError(
      field: "line 2", code: "ambiguous", message: message, names: ["Ann and Bob", "2x Eve"])
    state.get(.failed(effect, .rejected(.invalid([fault]))))
    state.finish(effect)
    #expect(state.text.contains("Write the name of the member behind each"), "\(state.text)")
    #expect(!state.text.contains("map=") && state.text.contains("> \"Ann and Bob\""), "\(state.text)")
    state.type("Ann and Bob")
    state.press(.enter)
    state.type("Eve")
    #expect(state.press(.enter) == [.lookAtImport(path: path)], "\(state.text)")
    let wished = previewing { $0.members = ["Ann and Bob": "Ann and Bob", "2x Eve": "Eve"] }
    #expect(state.get(.importFound(path: path, isExport: false)) == [wished])
    state.finish(.lookAtImport(path: path))
    let draft = try #require(state.top.draft)
    var reopened = Fixtures.state(try #require(ImportForm(Fixtures.data, draft: draft)))
    reopened.press(.control("s"))
    #expect(reopened.get(.importFound(path: path, isExport: false)) == [wished])
    // Those of another file are asked for again.
    reopened.finish(.lookAtImport(path: path))
    reopened.get(.failed(wished, .cancelled))
    reopened.finish(wished)
    reopened.type("x")
    reopened.press(.control("s"))
    #expect(!reopened.text.contains("Ann and Bob"), "\(reopened.text)")
    // And those of a corrected file, which does not have them.
    state.get(.failed(wished, refusal("not_in_the_file", field: "map")))
    #expect(state.top.draft?.fields.values.contains("Eve") != true, "\(state.text)")
    state.get(.importPreviewed(Fixtures.importReport))
    #expect(state.text.contains("Would import"), "\(state.text)")
  }

  @Test func columnsHaveDifferentRoles() {
    var (state, effect) = ImportGoldens.asked()
    state.get(.failed(effect, Self.unknown(["Owner", "Signed by"])))
    state.finish(effect)
    state.type("payer")
    state.press(.enter)
    state.type("payer")
    #expect(state.press(.enter).isEmpty)
    #expect(state.text.contains("Another column is the payer."), "\(state.text)")
    state.type("not r")
    #expect(state.press(.enter) == [.lookAtImport(path: path)], "\(state.text)")
    state.get(.failed(.lookAtImport(path: path), .cancelled))
    state.finish(.lookAtImport(path: path))
    // Those of another file are asked for again.
    state.press(.down)
    state.type("x")
    state.press(.control("s"))
    #expect(!state.text.contains("Owner"), "\(state.text)")
    #expect(
      state.get(.importFound(path: path + "x", isExport: false)) == [
        .previewImport(.group(group), path: path + "x", ImportWishes())
      ])
  }
}

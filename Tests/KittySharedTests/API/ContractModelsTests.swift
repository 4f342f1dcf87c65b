import OpenAPIDocument
import FoundationEssentials
import KittyShared
import Testing

/// Each schema of the contract has the fields of the type that travels, and its examples are read and written
/// by that very type.
struct ContractModelsTests {
  let contract: ContractFile

  init() throws { contract = try ContractFile() }

  /// The requests: their coding keys name their fields.
  private static let requests: [(name: String, type: any KnownFields.Type)] = [
    ("NewUser", NewUser.self), ("UserChange", UserChange.self), ("AccountDeletion", AccountDeletion.self),
    ("PasswordChange", PasswordChange.self), ("PasswordResetRequest", PasswordResetRequest.self),
    ("EmailConfirmation", EmailConfirmation.self), ("PasswordReset", PasswordReset.self),
    ("NewSession", NewSession.self), ("NewToken", NewToken.self), ("NewSSHKey", NewSSHKey.self),
    ("NewAccountFile", NewAccountFile.self), ("NewUpload", NewUpload.self),
    ("NewKeySession", NewKeySession.self),
    ("NewSecondFactor", NewSecondFactor.self), ("SecondFactorConfirmation", SecondFactorConfirmation.self),
    ("SecondFactorRemoval", SecondFactorRemoval.self), ("NewGroup", NewGroup.self),
    ("GroupChange", GroupChange.self), ("NewOwner", NewOwner.self), ("NewMember", NewMember.self),
    ("MemberChange", MemberChange.self), ("NewCategory", NewCategory.self),
    ("CategoryChange", CategoryChange.self), ("FileCategory", GroupFile.FileCategory.self),
    ("NewRecurring", NewRecurring.self), ("RecurringChange", RecurringChange.self),
    ("RecurringTemplate", RecurringTemplate.self), ("Every", Every.self),
    ("RecurringSource", RecurringSource.self), ("Held", Recurring.Held.self),
    ("Occurrence", Occurrence.self), ("FileRecurring", GroupFile.FileRecurring.self),
    ("NewSettlingRound", NewSettlingRound.self),
    ("KeptPart", SettlementPlan.KeptPart.self), ("FileRound", GroupFile.FileRound.self),
    ("FileRoundPayment", GroupFile.FileRoundPayment.self),
    ("MethodOfCurrency", SettlementPlan.MethodOfCurrency.self),
    ("NewInvite", NewInvite.self), ("InviteCode", InviteCode.self),
    ("NewExpense", NewExpense.self), ("ExpenseChange", ExpenseChange.self), ("NewPayment", NewPayment.self),
    ("PaymentChange", PaymentChange.self), ("NewCount", NewCount.self), ("Payer", Payer.self),
    ("SplitRule", SplitRule.self), ("EntryContent", EntryContent.self), ("Receipt", Receipt.self),
    ("NewComment", NewComment.self),
    ("TargetsChange", TargetsChange.self), ("NewTarget", TargetsChange.NewTarget.self),
    ("GroupFile", GroupFile.self), ("FileMember", GroupFile.FileMember.self),
    ("FileTarget", GroupFile.FileTarget.self), ("FileEntry", GroupFile.FileEntry.self),
    ("FileRevision", GroupFile.FileRevision.self), ("FileComment", GroupFile.FileComment.self),
  ]

  /// The responses.
  private static let answers: [(name: String, type: any (Codable & Sendable).Type)] = [
    ("User", User.self), ("PasswordChanged", PasswordChanged.self), ("Session", Session.self),
    ("OpenSession", OpenSession.self), ("OpenSessionPage", Page<OpenSession>.self),
    ("SignInChallenge", SignInChallenge.self), ("SSHKey", SSHKey.self),
    ("AccountFile", AccountFile.self), ("AccountFilePage", Page<AccountFile>.self),
    ("UploadAddress", UploadAddress.self),
    ("SSHKeyPage", Page<SSHKey>.self),
    ("APIToken", APIToken.self), ("APITokenPage", Page<APIToken>.self), ("SecondFactor", SecondFactor.self),
    ("PendingSecondFactor", PendingSecondFactor.self), ("RecoveryCodes", RecoveryCodes.self),
    ("Invite", Invite.self), ("InvitePage", Page<Invite>.self), ("Invitation", Invitation.self),
    ("Photo", Photo.self), ("MyBalances", MyBalances.self),
    ("GroupBalance", MyBalances.GroupBalance.self), ("Money", Money.self), ("Group", Group.self),
    ("RenamedMember", ImportedGroup.RenamedMember.self), ("ImportReport", ImportReport.self),
    ("ImportedMember", ImportReport.Member.self), ("ImportedBalance", ImportReport.Balance.self),
    ("LeftOutLine", ImportReport.LeftOut.self), ("MissingEntry", ImportReport.Missing.self),
    ("ImportRecord", ImportRecord.self),
    ("ImportRecordPage", Page<ImportRecord>.self), ("AccountExport", AccountExport.self),
    ("ExportedMembership", AccountExport.Membership.self), ("ExportedName", AccountExport.Name.self),
    ("GroupPage", Page<Group>.self), ("Member", Member.self), ("MemberPage", Page<Member>.self),
    ("Category", KittyShared.Category.self),
    ("CategoryPage", Page<KittyShared.Category>.self),
    ("Recurring", Recurring.self), ("RecurringPage", Page<Recurring>.self),
    ("PlannedOccurrence", PlannedOccurrence.self),
    ("PlannedOccurrencePage", Page<PlannedOccurrence>.self), ("OccurrencePage", Page<Occurrence>.self),
    ("Share", Split.Share.self), ("Entry", Entry.self), ("EntryPage", Page<Entry>.self),
    ("EntryTotals", EntryTotals.self), ("EntrySum", EntryTotals.Sum.self), ("FoundEntry", FoundEntry.self),
    ("FoundEntryPage", Page<FoundEntry>.self),
    ("EntryPreview", EntryPreview.self), ("History", History.self), ("Revision", Revision.self),
    ("Change", Revision.Change.self), ("Comment", KittyShared.Comment.self),
    ("CommentPage", Page<KittyShared.Comment>.self),
    ("Kitty", Kitty.self), ("Target", Kitty.Target.self), ("Balance", Balance.self),
    ("Balances", Balances.self), ("Statement", Statement.self), ("Line", Statement.Line.self),
    ("BalanceSeries", BalanceSeries.self), ("SeriesLine", BalanceSeries.Line.self),
    ("Statistics", Statistics.self), ("StatisticsTotal", Statistics.Total.self),
    ("StatisticsRow", Statistics.Row.self),
    ("Transfer", Transfer.self), ("Debts", Debts.self), ("SettlementPlan", SettlementPlan.self),
    ("SettlingRound", SettlingRound.self), ("RoundPayment", RoundPayment.self),
    ("SettlingRoundPage", Page<SettlingRound>.self), ("Health", Health.self),
    ("ServerInfo", ServerInfo.self),
    ("Problem", Problem.self), ("FieldError", FieldError.self),
  ]

  @Test func everyObjectSchemaHasType() throws {
    let known = Set(Self.requests.map(\.name) + Self.answers.map(\.name))
    let splits = Set(try alternatives(of: "SplitRule").keys)
    let objects = try contract.schemas().filter { $0.value["type"]?.text == "object" }
    #expect(Set(objects.keys).subtracting(splits) == known.subtracting(["SplitRule"]))
  }

  @Test func requestsHaveTheFieldsOfTheirTypes() throws {
    for (name, type) in Self.requests { try checkFields(name, type) }
  }

  private func checkFields<Body: KnownFields>(_ name: String, _ type: Body.Type) throws {
    let fields = Set(Body.CodingKeys.allCases.map(\.stringValue))
    #expect(try properties(of: name) == fields, "the fields of \(name)")
    for (name, schema) in try alternatives(of: name) {
      #expect(schema["additionalProperties"] == .bool(false), "\(name) accepts unknown fields")
      for example in schema["examples"]?.items ?? [] {
        #expect(throws: Never.self, "an example of \(name)") {
          let value = try read(type, example)
          // A percentage is written with its decimals, whichever way it was sent.
          if !(value is SplitRule) {
            #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == example)
          }
        }
        let required = schema["required"]?.names ?? []
        for field in (example.fields ?? [:]).keys {
          #expect(throws: Never.self, "\(name) is read without \(field)") {
            let isNeeded = (try? read(type, example.without(field))) == nil
            // A rule of several fields may need one that the contract does not need by itself.
            if required.contains(field) { #expect(isNeeded, "\(name) without \(field)") }
            if !required.contains(field) {
              _ = try JSON.decode(type, from: JSON.encode(example.without(field)))
            }
          }
        }
      }
    }
    let nullable = try properties(of: name, where: { $0["anyOf"]?.items?.last?["type"] == .text("null") })
    #expect(nullable == Set(type.nullable.map(\.stringValue)), "the nullable fields of \(name)")
  }

  /// Reads a request as the server does, with its checks.
  private func read<Body: KnownFields>(_ type: Body.Type, _ example: JSONValue) throws -> Body {
    if type is SplitRule.Type {
      let expense: JSONValue = .object([
        "description": .text("x"), "amount": .number(1), "payer": .text("kitty"), "split": example,
      ])
      _ = try JSON.decodeRequest(NewExpense.self, from: JSON.encode(expense)).checked()
    }
    let body = try JSON.encode(example)
    if let request = type as? any RequestBody.Type { try check(request, body) }
    return try JSON.decode(type, from: body)
  }

  private func check<Body: RequestBody>(_ type: Body.Type, _ body: Data) throws {
    _ = try JSON.decodeRequest(type, from: body).checked()
  }

  /// The pages of the lists whose changes can be followed; the others have no `sequence`.
  private static let followed = Set(
    Endpoints.all.filter { $0.query.contains("since") }.map { "\($0.output.dropFirst(5).dropLast())Page" })

  /// The pages of the lists of entries; the others have no `totals`.
  private static let added = Set(
    Endpoints.all.filter { $0.query.contains("totals") }.map { "\($0.output.dropFirst(5).dropLast())Page" })

  @Test func answersHaveTheFieldsOfTheirTypes() throws {
    for (name, type) in Self.answers { try checkAnswer(name, type) }
  }

  private func checkAnswer<Body: Codable & Sendable>(_ name: String, _ type: Body.Type) throws {
    let schema = try contract.schema(name)
    let properties = try properties(of: name)
    var shown: Set<String> = []
    var examples = schema["examples"]?.items ?? []
    if name.hasSuffix("Page") {
      let item = try #require(try contract.schema(String(name.dropLast(4)))["examples"]?.items?.first)
      var page: [String: JSONValue] = ["items": .list([item]), "next": .text("YWJj")]
      if Self.followed.contains(name) { page["sequence"] = .number(12) }
      if Self.added.contains(name) {
        page["totals"] = try contract.schema("EntryTotals")["examples"]?.items?.first
      }
      examples = [.object(page)]
    }
    #expect(!examples.isEmpty, "\(name) has no example")
    for example in examples {
      let value = try JSON.decode(type, from: JSON.encode(example))
      #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == example, "an example of \(name)")
      var fields = Self.fields(of: value)
      if name.hasSuffix("Page"), !Self.followed.contains(name) { fields.remove("sequence") }
      if name.hasSuffix("Page"), !Self.added.contains(name) { fields.remove("totals") }
      #expect(fields == properties, "the fields of \(name)")
      let required = schema["required"]?.names ?? []
      // The id of a request is added on the way out.
      for field in required where name != "Problem" || field != "requestId" {
        #expect(throws: (any Error).self, "\(name) without \(field)") {
          try JSON.decode(type, from: JSON.encode(example.without(field)))
        }
      }
      for field in properties.subtracting(required) {
        #expect(throws: Never.self, "\(name) without \(field)") {
          try JSON.decode(type, from: JSON.encode(example.without(field)))
        }
      }
      shown.formUnion((example.fields ?? [:]).keys)
    }
    #expect(shown == properties, "the examples of \(name) do not show every field")
  }

  /// The names of what a value stores; an entry's content stands beside its own fields, and its JSON is no field.
  private static func fields(of value: Any) -> Set<String> {
    var fields: Set<String> = []
    for child in Mirror(reflecting: value).children {
      if value is Entry, child.label == "content" {
        fields.formUnion(Self.fields(of: child.value))
      } else if let label = child.label, label != "writtenContent" {
        fields.insert(label)
      }
    }
    return fields
  }

  @Test func kindsAreAllNamed() throws {
    #expect(try contract.schema("Kind")["enum"]?.names == Set(EntryContent.Kind.allCases.map(\.rawValue)))
    let methods = try alternatives(of: "SplitRule").values.compactMap {
      $0["properties"]?["method"]?["const"]?.text
    }
    #expect(Set(methods) == Set(SplitRule.Method.allCases.map(\.rawValue)))
    #expect(try contract.schema("Role")["enum"]?.names == Set(Member.Role.allCases.map(\.rawValue)))
    #expect(
      try contract.schema("Scopes")["items"]?["enum"]?.names == Set(TokenScope.allCases.map(\.rawValue)))
    let formats = try contract.schema("GroupFile")["properties"]?["format"]?["enum"]?.names
    #expect(formats == [GroupFile.format, GroupFile.firstFormat])
  }

  /// The parts of a split are written out in each kind of it.
  @Test func partsOfSplitsHaveTheFieldsOfTheirTypes() throws {
    func fields(_ list: String) throws -> Set<String> {
      Set(
        try alternatives(of: "SplitRule").values.compactMap {
          $0["properties"]?[list]?["items"]?["properties"]?.fields
        }
        .flatMap(\.keys))
    }
    #expect(try fields("parts") == Set(SplitRule.Part.CodingKeys.allCases.map(\.stringValue)))
    #expect(try fields("items") == Set(SplitRule.Item.CodingKeys.allCases.map(\.stringValue)))
  }

  /// A schema by its name, or the ones that it offers a choice of.
  private func alternatives(of name: String) throws -> [String: JSONValue] {
    let schema = try contract.schema(name)
    guard schema["properties"] == nil else { return [name: schema] }
    var schemas: [String: JSONValue] = [:]
    for choice in schema["oneOf"]?.items ?? [] {
      let name = try #require(choice["$ref"]?.text?.split(separator: "/").last.map(String.init))
      schemas[name] = try contract.schema(name)
    }
    return schemas
  }

  private func properties(
    of name: String, where condition: (JSONValue) -> Bool = { _ in true }
  ) throws -> Set<String> {
    Set(
      try alternatives(of: name).values.flatMap {
        ($0["properties"]?.fields ?? [:]).filter { condition($0.value) }.keys
      })
  }
}

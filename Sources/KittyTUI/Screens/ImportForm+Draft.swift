import KittyShared

/// The draft of the form. It has the id and the key of the import, so that a file is never imported twice.
extension ImportForm {
  var draftName: Draft.Name? { Draft.Name(kind: .importing, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = data?.group.id
    draft.groupName = data?.group.name ?? ""
    draft.fields = form.written
    draft.choices = ["key": key.description]
    draft.values = members
    return draft
  }

  /// A form with the input of a draft; `nil` when its key is damaged.
  init?(_ data: GroupData? = nil, draft: Draft) {
    guard let key = ID(draft.choices["key"] ?? "") else { return nil }
    self.init(data, id: draft.name.id, key: key)
    members = draft.values
    for question in ImportQuestion.allCases where draft.fields[question.rawValue] != nil {
      form.addField(question.field(data?.group.currency))
    }
    ImportColumn.restore(draft.fields, in: &form)
    ImportedName.restore(draft.fields, in: &form)
    form.restore(draft.fields)
    showColumns()
    form.restore(draft.fields)
    form.active = 0
    askedPath = form["path"]
  }
}

import KittyShared

extension GeneralTable {
  /// The titles of columns in English, German, French, Spanish, Italian and Dutch. Of several texts the first counts.
  static let titlesByColumn: [TableColumn: [String]] = [
    .date: [
      "date", "datum", "fecha", "data", "day", "tag", "jour", "día", "giorno", "dag", "date & time", "when",
    ],
    .description: [
      "description", "beschreibung", "descripción", "descrizione", "omschrijving", "title", "titel", "titre",
      "título", "titolo", "bezeichnung", "verwendungszweck", "zweck", "purpose", "libellé", "intitulé",
      "objet",
      "concepto", "causale", "beschrijving", "item", "subject", "what", "was", "text",
    ],
    .amount: [
      "amount", "betrag", "montant", "importe", "importo", "bedrag", "cost", "kosten", "coût", "coste",
      "costo",
      "price", "preis", "prix", "precio", "prezzo", "prijs", "sum", "summe", "somme", "somma", "monto",
      "total",
      "gesamt", "totale", "totaal",
    ],
    .currency: ["currency", "währung", "devise", "monnaie", "moneda", "divisa", "valuta", "munt"],
    .payer: [
      "payer", "paid by", "who paid", "zahler", "bezahlt von", "gezahlt von", "wer hat bezahlt", "payeur",
      "payé par",
      "qui a payé", "pagador", "pagado por", "quién pagó", "pagante", "pagato da", "chi ha pagato", "betaler",
      "betaald door", "wie heeft betaald", "payers",
    ],
    .participants: [
      "participants", "teilnehmer", "beteiligte", "participantes", "partecipanti", "deelnemers", "for whom",
      "paid for", "shared by", "split between", "für wen", "pour qui", "para quién", "per chi", "voor wie",
      "for",
      "für", "pour", "para", "per", "voor",
    ],
    .category: ["category", "kategorie", "catégorie", "categoría", "categoria", "categorie"],
    .note: [
      "note", "notes", "notiz", "notizen", "nota", "notas", "notitie", "comment", "comments", "kommentar",
      "commentaire",
      "comentario", "commento", "bemerkung", "anmerkung", "remarque", "opmerking",
    ],
    .kind: ["kind", "type", "typ", "art", "tipo", "soort"],
  ].mapValues { $0.map(\.nameKey) }

  /// The words in place of participants that mean all members.
  static let wordsForAll = Set(
    ["all", "everyone", "everybody", "alle", "tous", "todos", "tutti", "iedereen"].map(\.nameKey))

  /// The kinds of lines that are payments.
  static let paymentWords = Set(
    [
      "payment", "transfer", "settlement", "reimbursement", "repayment", "settle up", "zahlung",
      "überweisung",
      "ausgleich", "rückzahlung", "paiement", "virement", "remboursement", "règlement", "pago",
      "transferencia",
      "liquidación", "reembolso", "pagamento", "trasferimento", "bonifico", "rimborso", "betaling",
      "overschrijving",
      "terugbetaling", "verrekening",
    ].map(\.nameKey))

  /// The kinds of lines whose money came in.
  static let incomeWords = Set(
    [
      "income", "refund", "einnahme", "erstattung", "revenu", "recette", "ingreso", "entrata", "inkomst",
      "inkomsten",
    ].map(\.nameKey))

  /// The other kinds that are known.
  static let expenseWords = Set(
    ["expense", "ausgabe", "dépense", "gasto", "spesa", "uitgave", "purchase", "kauf"].map(\.nameKey))
}

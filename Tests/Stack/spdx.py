"""The rules of SPDX 2.3 for the documents of scripts/sbom: https://spdx.github.io/spdx-spec/v2.3/"""
import re

REFERENCE = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
# A list, since any other text in its place is a mistake of ours.
LICENCES = {"NOASSERTION", "Apache-2.0", "Apache-2.0 WITH Swift-exception", "MIT", "LGPL-2.1-or-later"}
RELATIONS = {"DESCRIBES", "CONTAINS", "DEPENDS_ON"}


def faults(document):
    """Returns a sentence for every rule that a document breaks."""
    found = []

    def check(condition, words):
        if not condition:
            found.append(words)

    check(document.get("spdxVersion") == "SPDX-2.3", "the version is not SPDX-2.3")
    check(document.get("dataLicense") == "CC0-1.0", "the licence of the document is not CC0-1.0")
    check(document.get("SPDXID") == "SPDXRef-DOCUMENT", "the document has another id")
    check(document.get("name"), "the document has no name")
    check(re.fullmatch(r"https://[^#\s]+", document.get("documentNamespace", "")), "the namespace is no URI")
    creation = document.get("creationInfo", {})
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", creation.get("created", "")), "the time is wrong")
    check(creation.get("creators") and all(
        re.match("(Tool|Person|Organization): ", name) for name in creation["creators"]), "the creators are wrong")
    ids = ["SPDXRef-DOCUMENT"]
    for package in document.get("packages", []):
        name = package.get("name")
        check(name, f"a package has no name: {package}")
        check(REFERENCE.fullmatch(package.get("SPDXID", "")), f"{name} has the id {package.get('SPDXID')}")
        ids.append(package.get("SPDXID"))
        where = package.get("downloadLocation", "")
        check(re.fullmatch(r"NOASSERTION|NONE|(git\+)?https://\S+", where), f"{name}: downloadLocation")
        check(package.get("filesAnalyzed") is False, f"{name}: filesAnalyzed without files")
        for key in ("licenseConcluded", "licenseDeclared"):
            check(package.get(key, "NOASSERTION") in LICENCES, f"{name}: {key} is {package.get(key)}")
        check(re.match("(Person|Organization): .", package.get("supplier", "Person: x")), f"{name}: supplier")
        for reference in package.get("externalRefs", []):
            kind = reference.get("referenceCategory"), reference.get("referenceType")
            check(kind == ("PACKAGE-MANAGER", "purl"), f"{name}: the reference is a {kind}")
            locator = reference.get("referenceLocator", "")
            check(re.fullmatch(r"pkg:[a-z]+/[^\s@?]+(@[^\s@?]+)?(\?[^\s?]+)?", locator), f"{name}: {locator}")
    check(len(set(ids)) == len(ids) > 1, "ids are missing or not unique")
    relations = document.get("relationships", [])
    for relation in relations:
        check(relation.get("relationshipType") in RELATIONS, f"the relation {relation}")
        check(relation.get("spdxElementId") in ids and relation.get("relatedSpdxElement") in ids, f"{relation} leads nowhere")
    check([one["spdxElementId"] for one in relations if one["relationshipType"] == "DESCRIBES"] == ["SPDXRef-DOCUMENT"],
          "the document describes nothing")
    related = {one["relatedSpdxElement"] for one in relations}
    check(related == set(ids[1:]), f"packages without a relation: {set(ids[1:]) - related}")
    return found

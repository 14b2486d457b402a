"""The words in which cases.yaml tells a patient, each a function that writes FHIR R4 resources.

The codes are the cases' own: they are not taken from the value sets, so that a case can prove a value set wrong.
What has no verified code is text beside a code of the project's own code system. Every word lists its options.

Options that many words share:
  side      left, right, both or none (not recorded)
  side_in   where the side stands: bodySite, zib or mcode (an extension on bodySite), text, or code (where one names the side)
  date      told from today: `-5 months`, `-3 months -1 day`, `today`, `+2 days`; ` as month`, ` as year`, ` as instant`
  status    the FHIR status, or planned, done or cancelled for what that is on the resource; when it is not the usual one
  as        the FHIR resource type, when it is not the usual one
  coded     the code system or way of coding; none: words only
  text      instead of the usual words
"""

"""Words for persons, relatives, groups and things: by them an age or a sex is the patient's or not."""

FEMALE = (
    "woman|girl|female|lady|schoolgirl|housewife|waitress|(?-i:Mrs)|actress|businesswoman|"
    "policewoman|saleswoman|"
    "nun|seamstress|ballerina|toddler girl|gentlewoman|primipara|primigravida|multipara|multigravida"
)
MALE = (
    "man|boy|male|gentleman|schoolboy|fisherman|businessman|(?-i:Mr)|policeman|salesman|postman|fireman|"
    "craftsman|sportsman|tradesman|workman|seaman|serviceman|monk|foreman"
)
PERSON = (
    rf"{FEMALE}|{MALE}|patient|child|infant|baby|neonate|newborn|toddler|adolescent|teenager|adult|person|"
    r"individual|youth|student|farmer|worker|preschooler|youngster"
)
RELATIVE = (
    "mother|father|parent|sister|brother|sibling|aunt|uncle|cousin|grandmother|grandfather|grandson|"
    "granddaughter|son|daughter|wife|husband|spouse|niece|nephew|twin|partner|stepson|stepdaughter"
)
PLURAL = (
    "women|men|girls|boys|females|males|ladies|gentlemen|patients|children|infants|babies|neonates|"
    "newborns|"
    "toddlers|adolescents|teenagers|adults|persons|individuals|people|siblings|twins|brothers|"
    "sisters|youths|"
    "subjects|students|workers|farmers|schoolchildren|cases"
)
NOT_THE_PATIENT = (
    "dog|cat|mouse|rat|horse|mare|stallion|foal|cow|bull|calf|sheep|goat|pig|monkey|animal|"
    "control|volunteer|donor"
)
# The endings are those of lesions: granuloma, folliculitis, ulceration.
THING = (
    rf"{NOT_THE_PATIENT}|\w+(?:omas?|itis|osis|[aeio]tions?|ules?)|"
    "lesion|horn|scab|callus|rash|scar|tattoo|plaque|patch|eruption|exanthem|vesicle|blister|bulla|"
    "papule|pustule|nodule|burn|"
    "wound|ulcer|bruise|h[ae]*matoma|biopsy|infarct|infarction|tumou?r|mole|na?evus|keloid|injury|"
    "graft|culture|"
    "photograph|photo|image|picture|specimen|suture|bite|abrasion|crust|macule|cyst|wart|swelling|purpura|"
    "ecchymosis|stoma|implant|prosthesis|stitch|section|slide|case|study|report|record|glove|shoe|"
    "ring|watch|"
    r"garment|product|cream|batch|device|needle|splinter|patch test|house|building|"
    "haemorrhage|hemorrhage|incision|fracture|sore|chancre|abscess|melanoma|carcinoma|wheal|"
    "reaction|infection|"
    "lesions|scars|tattoos|plaques|blisters|vesicles|papules|pustules|nodules|burns|wounds|ulcers|"
    "bites|mice|"
    "deposit|textbook|drawing|colony|catheter|disease|dermatitis"
)

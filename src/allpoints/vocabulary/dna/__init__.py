"""DNA profiles as numbers: loci, alleles, and how far two profiles agree.

Promises: a profile is nameless, at most two alleles for each locus, and what is read is written the same way
whoever wrote it. Two profiles are compared by the rules of Council Decision 2008/616/JHA (Prüm).
"""

from allpoints.vocabulary.dna.grading import Grade, Grades, grade
from allpoints.vocabulary.dna.loci import LOCI, SETS, Locus, complete_sets, locus_name
from allpoints.vocabulary.dna.profile import LEAST_LOCI, Allele, Pair, Profile, read, written

__all__ = [
    "LEAST_LOCI",
    "LOCI",
    "SETS",
    "Allele",
    "Grade",
    "Grades",
    "Locus",
    "Pair",
    "Profile",
    "complete_sets",
    "grade",
    "locus_name",
    "read",
    "written",
]

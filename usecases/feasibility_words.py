"""What `usecases feasibility` says to people: verdicts, reasons, questions and limits, in English and French."""

from __future__ import annotations

from usecases.contract import Text

TITLE = Text("Can these data answer?", "Ces données peuvent-elles répondre ?")

VERDICTS = {
    "go": Text("Go", "Feu vert"),
    "more data": Text("More data", "Plus de données"),
    "stop": Text("Stop", "Arrêt"),
}

REASONS = {
    "better": Text(
        "On {groups} groups never seen, {method} removes {share} of the error of the best simple method ({best}), and at least "
        "{least} of the error of each comparison (95 % interval).",
        "Sur {groups} groupes jamais vus, {method} enlève {share} de l'erreur de la meilleure méthode simple ({best}), et au "
        "moins {least} de l'erreur de chaque comparaison (intervalle à 95 %).",
    ),
    "growing": Text(
        "The second half of the groups still removed {doubling} of the error: more data would help further.",
        "La seconde moitié des groupes a encore enlevé {doubling} de l'erreur : plus de données aideraient encore.",
    ),
    "flat": Text(
        "No gain from the second half of the groups could be shown: more data of the same kind may not help this method.",
        "Aucun gain dû à la seconde moitié des groupes n'a pu être montré : plus de données du même genre n'aideraient "
        "peut-être pas cette méthode.",
    ),
    "few_groups": Text(
        "{groups} groups can be scored and {needed} are needed: fewer can neither be dealt to folds nor carry a 90 % interval.",
        "{groups} groupes peuvent être évalués et il en faut {needed} : moins ne permettent ni la validation croisée, ni un "
        "intervalle à 90 %.",
    ),
    "refused": Text("Too few data to begin: {refusal}", "Trop peu de données pour commencer : {refusal}"),
    "unproven": Text(
        "{method} seems to remove {share} of the error of the best simple method ({best}), but with {groups} groups the interval "
        "cannot tell this from nothing.",
        "{method} semble enlever {share} de l'erreur de la meilleure méthode simple ({best}), mais avec {groups} groupes "
        "l'intervalle ne permet pas de le distinguer de rien.",
    ),
    "small": Text(
        "{method} is better than every comparison, but removes only {share} of the error of the best simple method ({best}): "
        "less than the {material} below which a project is not worth it.",
        "{method} fait mieux que chaque comparaison, mais n'enlève que {share} de l'erreur de la meilleure méthode simple "
        "({best}) : moins que les {material} au-dessous desquels un projet n'en vaut pas la peine.",
    ),
    "no_better": Text(
        "{method} is not shown to be better than {unbeaten}: these data do not announce the answer.",
        "Rien ne montre que {method} fasse mieux que {unbeaten} : ces données n'annoncent pas la réponse.",
    ),
    "like_shuffled": Text(
        "It does no better than when the link between data and answer is cut on purpose.",
        "Elle ne fait pas mieux que lorsque le lien entre les données et la réponse est coupé exprès.",
    ),
    "not_excluded": Text(
        "With {groups} groups a gain that would matter is not excluded either: if you can have more, ask again.",
        "Avec {groups} groupes, un gain qui compterait n'est pas exclu non plus : si vous pouvez en avoir plus, reposez la question.",
    ),
    "too_good": Text(
        "Too good to be true: {too_good} removes {removed} of the trivial error. A column probably knows the answer (a countdown, "
        "a date or a state written after the event): find it, leave it out, and ask again.",
        "Trop beau pour être vrai : {too_good} enlève {removed} de l'erreur triviale. Une colonne connaît sans doute la réponse "
        "(un compte à rebours, une date ou un état écrit après l'événement) : cherchez-la, retirez-la, et reposez la question.",
    ),
}

REDUCED = {
    "groups": Text(
        "To stay within a minute, only part of the training groups was learned from.",
        "Pour tenir en une minute, l'apprentissage n'a porté que sur une partie des groupes.",
    ),
    "folds": Text(
        "To stay within a minute, only part of the folds was tried.",
        "Pour tenir en une minute, une partie seulement des lots de la validation croisée a été essayée.",
    ),
}

LIMITS = (
    Text(
        "One quick method, little effort: a better one may do more, so that a stop means “not with this method and these data”.",
        "Une seule méthode rapide, peu d'effort : une meilleure peut faire plus ; un arrêt veut dire « pas avec cette méthode "
        "ni ces données ».",
    ),
    Text(
        "A discreet leak is not seen: have somebody who knows the machines read the list of columns.",
        "Une fuite de données discrète ne se voit pas : faites relire la liste des colonnes par quelqu'un du métier.",
    ),
    Text(
        "The figures hold for groups like these; another site or another season is another question.",
        "Ces chiffres valent pour des groupes comme ceux-ci ; un autre site ou une autre saison est une autre question.",
    ),
    Text(
        "Whether the gain is worth its cost, and whether people will use it, is not in the data.",
        "Les données ne disent ni si le gain vaut son coût, ni si les personnes concernées s'en serviront.",
    ),
)

WORDS = {
    "asked": Text("Question", "Question"),
    "answer": Text("Answer", "Réponse"),
    "enough": Text("Enough groups?", "Assez de groupes ?"),
    "enough_answer": Text(
        "{groups} groups ({units} units) scored, {needed} needed",
        "{groups} groupes ({units} unités) évalués, {needed} nécessaires",
    ),
    "error": Text(
        "Mean error of {method} on unseen groups", "Erreur moyenne de {method} sur des groupes jamais vus"
    ),
    "against": Text("Better than {name}?", "Mieux que {name} ?"),
    "shuffled": Text(
        "Better than itself on shuffled targets?", "Mieux qu'elle-même sur des réponses mélangées ?"
    ),
    "shuffled_name": Text("itself on shuffled targets", "elle-même sur des réponses mélangées"),
    "against_answer": Text(
        "removes {share} of its error of {error} [{low} ; {high}]",
        "enlève {share} de son erreur de {error} [{low} ; {high}]",
    ),
    "more": Text("Would more data help?", "Plus de données aideraient-elles ?"),
    "more_answer": Text(
        "the second half of the groups removed {share} of the error [{low} ; {high}]",
        "la seconde moitié des groupes a enlevé {share} de l'erreur [{low} ; {high}]",
    ),
    "leak": Text("Too good to be true?", "Trop beau pour être vrai ?"),
    "leak_answer": Text(
        "{name} removes {share} of the trivial error; {too_good} or more would be suspect",
        "{name} enlève {share} de l'erreur triviale ; {too_good} ou plus serait suspect",
    ),
    "curve": Text("Error against the amount of data", "L'erreur selon la quantité de données"),
    "curve_caption": Text(
        "Mean error of {method} on unseen groups when it learns from fewer groups, with 95 % intervals over groups; dashed: {best}.",
        "Erreur moyenne de {method} sur des groupes jamais vus quand elle apprend sur moins de groupes, avec des intervalles à "
        "95 % sur les groupes ; en tirets : {best}.",
    ),
    "training_groups": Text("training groups", "groupes d'apprentissage"),
    "mean_error": Text("mean error", "erreur moyenne"),
    "limits": Text("Limits", "Limites"),
    "intervals": Text(
        "Intervals: 95 % bootstrap over groups, paired by unit. Every comparison must hold at once for a go.",
        "Intervalles : bootstrap à 95 % sur les groupes, par paires d'unités. Toutes les comparaisons doivent tenir à la fois "
        "pour un feu vert.",
    ),
    "command": Text("Ask again", "Reposer la question"),
    "whereabouts": Text(
        "Your rows stayed on this machine and none of them is on this page; to delete it, delete the folder {folder}.",
        "Vos lignes sont restées sur cette machine et aucune ne figure sur cette page ; pour l'effacer, supprimez le dossier "
        "{folder}.",
    ),
}

# SPDX-License-Identifier: Apache-2.0
# Prints each circle of files as a path. Standard input is C without comments and strings (code.awk),
# and the #include lines as "FILE:LINE:#include ...". X.c, X.h and X_internal.h are one file. X uses Y
# when it includes Y.h or names a function or an object that Y.c defines for others: a header that
# declares what two files define hides nothing. A name that a macro pastes, ecs_write_##function, is
# every name that begins so.
function stem(file)
{
    sub(/^omauditjson\//, "", file)
    sub(/\.[a-z]+$/, "", file)
    sub(/_internal$/, "", file)
    return file
}

function uses(x, y, how)
{
    if (x == y || ((x, y) in edge))
        return
    edge[x, y] = how
    next_of[x] = next_of[x] " " y
    seen[x]
    seen[y]
}

# The name that a line at the left margin defines for other files, "" without one.
function defines(code)
{
    if (code !~ /^[a-z]/ || code ~ /;$/ || code ~ /^(static|typedef|enum|extern) / ||
        code ~ /^struct [a-z_0-9]* \{/)
        return ""
    if (match(code, /[a-z_0-9]+\(/))
        return substr(code, RSTART, RLENGTH - 1)
    if (match(code, /[a-z_0-9]+(\[[^]]*\])* = /)) {
        code = substr(code, RSTART, RLENGTH)
        sub(/[^a-z_0-9].*/, "", code)
        return code
    }
    return ""
}

# The shortest way from a file back to itself, as a text.
function circle(from, queue, head, tail, before, n, i, to, at, path)
{
    head = tail = 0
    queue[tail++] = from
    while (head < tail) {
        at = queue[head++]
        n = split(next_of[at], to, " ")
        for (i = 1; i <= n; i++) {
            if (to[i] == from) {
                path = " (" edge[at, from] ") > " from
                for (; at != from; at = before[at])
                    path = " (" edge[before[at], at] ") > " at path
                return from path
            }
            if (!(to[i] in before)) {
                before[to[i]] = at
                queue[tail++] = to[i]
            }
        }
    }
    return ""
}

{
    file = $0
    sub(/:.*/, "", file)
    code = $0
    sub(/^[^:]*:[0-9]*: ?/, "", code)
    me = stem(file)
}

code ~ /^ *# *include *"/ {
    split(code, part, "\"")
    if (part[2] ~ /\.h$/ && part[2] != "config.h")
        uses(me, stem(part[2]), "#include")
    next
}

file ~ /\.c$/ {
    if ((name = defines(code)) != "")
        home[name] = me
    gsub(/(\.|->|struct |enum )[a-z_0-9]+/, " ", code) # members and tags have names of their own
    while (match(code, /[a-z_0-9]+_##/)) {
        pasted[me] = pasted[me] " " substr(code, RSTART, RLENGTH - 2)
        code = substr(code, 1, RSTART - 1) " " substr(code, RSTART + RLENGTH)
    }
    n = split(code, word, /[^A-Za-z_0-9]+/)
    for (i = 1; i <= n; i++) {
        if (word[i] ~ /_/ && !((me, word[i]) in used)) {
            used[me, word[i]]
            names[me] = names[me] " " word[i]
        }
    }
}

END {
    for (x in pasted) {
        n = split(pasted[x], word, " ")
        for (i = 1; i <= n; i++) {
            for (name in home) {
                if (index(name, word[i]) == 1)
                    uses(x, home[name], name)
            }
        }
    }
    for (x in names) {
        n = split(names[x], word, " ")
        for (i = 1; i <= n; i++) {
            if (word[i] in home)
                uses(x, home[word[i]], word[i])
        }
    }
    for (x in seen) {
        way = circle(x)
        if (way != "")
            print way
    }
}

// read_hcl FILE...: what is in files of Terraform's language, as JSON: blocks, their arguments, and the
// names and functions that these use. A syntax error is a line on stderr, and the exit status 1.
//
// The parser is Terraform's own, in Debian the package golang-github-hashicorp-hcl-v2-dev.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

type argument struct {
	At string `json:"at"`
	// What is written out, where that is one string, number or truth: nil of everything else.
	Text *string `json:"text"`
	// "var.name", "aws_lambda_function_url.url.*.function_url" and so on.
	Names     []string `json:"names"`
	Functions []string `json:"functions"`
}

type block struct {
	At        string              `json:"at"`
	Type      string              `json:"type"`
	Labels    []string            `json:"labels"`
	Arguments map[string]argument `json:"arguments"`
	Blocks    []block             `json:"blocks"`
}

func at(where hcl.Range) string { return fmt.Sprintf("%s:%d", where.Filename, where.Start.Line) }

func dotted(traversal hcl.Traversal) string {
	var parts []string
	for _, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, step.Name)
		case hcl.TraverseAttr:
			parts = append(parts, step.Name)
		case hcl.TraverseIndex:
			parts = append(parts, "*")
		}
	}
	return strings.Join(parts, ".")
}

func readArgument(attribute *hclsyntax.Attribute) argument {
	read := argument{At: at(attribute.SrcRange), Names: []string{}, Functions: []string{}}
	if value, problems := attribute.Expr.Value(nil); !problems.HasErrors() && value.Type().IsPrimitiveType() {
		if shown, err := convert.Convert(value, cty.String); err == nil && !shown.IsNull() {
			text := shown.AsString()
			read.Text = &text
		}
	}
	hclsyntax.VisitAll(attribute.Expr, func(node hclsyntax.Node) hcl.Diagnostics {
		switch node := node.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			read.Names = append(read.Names, dotted(node.Traversal))
		case *hclsyntax.SplatExpr:
			source, isName := node.Source.(*hclsyntax.ScopeTraversalExpr)
			if each, isPart := node.Each.(*hclsyntax.RelativeTraversalExpr); isName && isPart {
				read.Names = append(read.Names, dotted(source.Traversal)+".*."+dotted(each.Traversal))
			}
		case *hclsyntax.FunctionCallExpr:
			read.Functions = append(read.Functions, node.Name)
		}
		return nil
	})
	return read
}

func readBlocks(body *hclsyntax.Body) []block {
	blocks := []block{}
	for _, found := range body.Blocks {
		read := block{At: at(found.TypeRange), Type: found.Type, Labels: append([]string{}, found.Labels...),
			Arguments: map[string]argument{}, Blocks: readBlocks(found.Body)}
		for name, attribute := range found.Body.Attributes {
			read.Arguments[name] = readArgument(attribute)
		}
		blocks = append(blocks, read)
	}
	return blocks
}

func main() {
	blocks := []block{}
	var problems hcl.Diagnostics
	for _, name := range os.Args[1:] {
		text, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		file, found := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
		problems = append(problems, found...)
		body := file.Body.(*hclsyntax.Body)
		for argument, attribute := range body.Attributes {
			problems = append(problems, &hcl.Diagnostic{Severity: hcl.DiagError, Subject: &attribute.SrcRange,
				Summary: argument + " is in no block", Detail: "an argument is in one"})
		}
		blocks = append(blocks, readBlocks(body)...)
	}
	for _, problem := range problems {
		fmt.Fprintf(os.Stderr, "%s: %s; %s\n", at(*problem.Subject), problem.Summary, problem.Detail)
	}
	if problems.HasErrors() {
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(blocks)
}

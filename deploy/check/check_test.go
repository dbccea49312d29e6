// Package check reads the files of deploy/ by the libraries of the tools that will read them: what docker compose is made of, and Kubernetes' own types.
// It is a module of its own, since these are larger than the program.
package check

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// TestCompose does what docker compose config does: the schema, every reference between the parts, merged anchors.
func TestCompose(t *testing.T) {
	dir := t.TempDir()
	content, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile("../zhibu.env.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"compose.yaml": content, "zhibu.env": env} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load := func(profiles ...string) (services int) {
		options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "compose.yaml")}, cli.WithProfiles(profiles), cli.WithResolvedPaths(true))
		if err != nil {
			t.Fatal(err)
		}
		project, err := options.LoadProject(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for name, s := range project.Services {
			if s.Restart == "unless-stopped" && s.Logging == nil {
				t.Errorf("the log of %s grows without end", name)
			}
		}
		return len(project.Services)
	}
	if n := load(); n != 7 {
		t.Errorf("%d services", n)
	}
	if n := load("watch"); n != 9 {
		t.Errorf("with what watches there are %d", n)
	}
	broken := bytes.Replace(content, []byte("stop_grace_period: 20s"), []byte("stop_grace_perod: 20s"), 1)
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), broken, 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "compose.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := options.LoadProject(t.Context()); err == nil {
		t.Error("a misspelt key was taken")
	}
}

// TestKubernetes reads every object into Kubernetes' own type: an unknown field, or one of another kind, is a fault.
func TestKubernetes(t *testing.T) {
	types := map[string]func() any{
		"v1 Namespace": func() any { return &corev1.Namespace{} }, "v1 ConfigMap": func() any { return &corev1.ConfigMap{} }, "v1 Secret": func() any { return &corev1.Secret{} },
		"v1 Service": func() any { return &corev1.Service{} }, "v1 PersistentVolumeClaim": func() any { return &corev1.PersistentVolumeClaim{} },
		"apps/v1 Deployment": func() any { return &appsv1.Deployment{} }, "batch/v1 Job": func() any { return &batchv1.Job{} }, "batch/v1 CronJob": func() any { return &batchv1.CronJob{} },
		"policy/v1 PodDisruptionBudget": func() any { return &policyv1.PodDisruptionBudget{} }, "autoscaling/v2 HorizontalPodAutoscaler": func() any { return &autoscalingv2.HorizontalPodAutoscaler{} },
		"networking.k8s.io/v1 Ingress": func() any { return &networkingv1.Ingress{} }, "networking.k8s.io/v1 NetworkPolicy": func() any { return &networkingv1.NetworkPolicy{} },
	}
	read := func(text string) error {
		var head struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(text), &head); err != nil {
			return err
		}
		fresh := types[head.APIVersion+" "+head.Kind]
		if fresh == nil {
			t.Fatalf("%s %s is not known here", head.APIVersion, head.Kind)
		}
		return yaml.UnmarshalStrict([]byte(text), fresh())
	}
	files, err := filepath.Glob("../kubernetes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	objects := 0
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" || filepath.Base(file) == "secret.yaml" {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range strings.Split(string(content), "\n---\n") {
			if err := read(text); err != nil {
				t.Errorf("%s: %v", filepath.Base(file), err)
			}
			objects++
		}
	}
	if objects < 14 {
		t.Errorf("only %d objects", objects)
	}
	if read("apiVersion: v1\nkind: Service\nspec: {selectr: {}}") == nil {
		t.Error("a misspelt field was taken")
	}
}
